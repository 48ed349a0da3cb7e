package dev.nagare.server.grpc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** A peer of HTTP/2, one call after the other, whose heads may say what no client's do. */
final class FramePeer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PRIORITY = 32;
  private static final int PRIORITY_BYTES = 5;

  private final Socket socket;
  private final DefaultHttp2HeadersDecoder heads = new DefaultHttp2HeadersDecoder();
  private int stream = -1;

  FramePeer(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  /**
   * Makes a call.
   *
   * @return the status of gRPC, that of HTTP if there is none, or {@code reset}
   */
  String call(String path, String authority, byte[] body) throws Exception {
    var head = new ByteArrayOutputStream();
    field(head, ":method", "POST");
    field(head, ":scheme", "http");
    field(head, ":path", path);
    field(head, ":authority", authority);
    field(head, "content-type", "application/grpc");
    field(head, "te", "trailers");
    var out = new ByteArrayOutputStream();
    if (stream < 0) {
      out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
      frame(out, SETTINGS, 0, 0, new byte[0]);
    }
    stream += 2;
    frame(out, HEADERS, END_HEADERS, stream, head.toByteArray());
    frame(out, DATA, END_STREAM, stream, body);
    socket.getOutputStream().write(out.toByteArray());
    return answer();
  }

  /** A literal that nothing remembers, as HPACK writes it, of less than 127 bytes. */
  private static void field(ByteArrayOutputStream to, String name, String value) {
    to.write(0);
    to.write(name.length());
    to.writeBytes(name.getBytes(ISO_8859_1));
    to.write(value.length());
    to.writeBytes(value.getBytes(ISO_8859_1));
  }

  private static void frame(
      ByteArrayOutputStream to, int type, int flags, int stream, byte[] payload) {
    to.write(payload.length >> 16);
    to.write(payload.length >> 8);
    to.write(payload.length);
    to.write(type);
    to.write(flags);
    to.writeBytes(new byte[] {0, 0, 0, (byte) stream});
    to.writeBytes(payload);
  }

  private String answer() throws Exception {
    var in = new DataInputStream(socket.getInputStream());
    String status = "";
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int of = in.readInt();
      byte[] payload = in.readNBytes(length);
      if (type == RST_STREAM || type == GOAWAY) {
        return "reset";
      }
      if (type == HEADERS) {
        int from = (flags & PRIORITY) == 0 ? 0 : PRIORITY_BYTES;
        Http2Headers head =
            heads.decodeHeaders(of, Unpooled.wrappedBuffer(payload, from, length - from));
        CharSequence grpc = head.get("grpc-status");
        CharSequence http = head.status();
        status = grpc != null ? grpc.toString() : http != null ? http.toString() : status;
      }
      if (of == stream && (flags & END_STREAM) != 0 && (type == HEADERS || type == DATA)) {
        return status;
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
