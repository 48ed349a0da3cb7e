package dev.nagare.server.grpc.call;

import dev.nagare.streaming.protocol.ProtocolException;

/**
 * A call that is answered UNIMPLEMENTED, with a sentence.
 *
 * @param name of the call
 * @param sentence what to do instead
 */
public record NotOffered(String name, String sentence) implements GrpcMethod {
  @Override
  public void begin(Call call) {
    call.refuse(new ProtocolException(501, sentence));
  }
}
