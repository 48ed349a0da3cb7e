package dev.nagare.streaming.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.function.Supplier;

/** Reads messages, but for those that would take far more of the heap than they have bytes. */
final class MessageParser {
  /** Far more than what any message of a caller repeats. */
  static final int MOST_MEMBERS = 1024;

  private MessageParser() {}

  /**
   * Reads a message, whose bytes fields go on sharing its memory.
   *
   * @param name of the message
   * @param tooMany the refusal of one with more than {@link #MOST_MEMBERS}
   * @throws ProtocolException status 400 if it is none
   */
  static <M extends MessageLite> M parse(
      ByteString bytes, Parser<M> parser, String name, Supplier<ProtocolException> tooMany) {
    try {
      if (!hasFew(bytes)) {
        throw tooMany.get();
      }
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      M message = parser.parseFrom(in);
      in.checkLastTagWas(0);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new ProtocolException(400, "not a " + name + ": " + e.getMessage());
    } catch (IOException e) {
      throw new IllegalStateException(e); // bytes in memory have no input or output errors
    }
  }

  /** An empty input takes two bytes of a message and a hundred of the heap. */
  private static boolean hasFew(ByteString bytes) throws IOException {
    CodedInputStream in = bytes.newCodedInput();
    int members = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
          && ++members > MOST_MEMBERS) {
        return false;
      }
      if (!in.skipField(tag)) {
        break; // the end of a group that did not begin, which parsing refuses
      }
    }
    return true;
  }
}
