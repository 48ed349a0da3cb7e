package dev.nagare.server.grpc.models;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.streaming.protocol.wire.ServerMetadataRequest;
import dev.nagare.streaming.protocol.wire.ServerMetadataResponse;
import java.util.List;

/**
 * {@code ServerMetadata}: which server this is.
 *
 * @param version of this build
 * @param extensions of the protocol that the door offers
 */
record ServerMetadata(String version, List<String> extensions) implements GrpcMethod {
  @Override
  public String name() {
    return "ServerMetadata";
  }

  @Override
  public void begin(Call call) {
    call.one(
        ServerMetadataRequest.parser(),
        ignored ->
            call.answer(
                ServerMetadataResponse.newBuilder()
                    .setName("nagare")
                    .setVersion(version)
                    .addAllExtensions(extensions)
                    .build()));
  }
}
