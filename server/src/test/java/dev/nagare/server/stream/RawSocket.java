package dev.nagare.server.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.Doors;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A WebSocket written by hand, which can send what no client would. */
final class RawSocket implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final String answer;

  /**
   * A frame of the server; its messages are never cut here.
   *
   * @param opcode see above
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Frame(int opcode, byte[] payload) {
    String text() {
      return new String(payload, UTF_8);
    }

    int closeCode() {
      return ByteBuffer.wrap(payload).getShort();
    }
  }

  /** Connects; headers are whole lines. */
  RawSocket(Doors doors, String... headers) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), doors.port());
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = socket.getOutputStream();
      var request =
          new StringBuilder("GET /v2/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n")
              .append("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n")
              .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
      for (String header : headers) {
        request.append(header).append("\r\n");
      }
      out.write(request.append("\r\n").toString().getBytes(ISO_8859_1));
      answer = head();
      assertThat(answer).startsWith("HTTP/1.1 101");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String head() throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /** What the server said to the upgrade. */
  String answer() {
    return answer;
  }

  /** A frame as clients send it, its mask all zeros. */
  static byte[] frame(boolean last, int opcode, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
    frame.put((byte) ((last ? 0x80 : 0) | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length <= 0xffff) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.putInt(0).put(payload);
    return java.util.Arrays.copyOf(frame.array(), frame.position());
  }

  void send(boolean last, int opcode, byte[] payload) {
    write(frame(last, opcode, payload));
  }

  void sendText(String text) {
    send(true, TEXT, text.getBytes(UTF_8));
  }

  /** Writes bytes; a server that has closed already is no error, reading will tell. */
  void write(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (SocketException e) {
      // reading will tell
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next frame; null if the connection has ended. Fails after twenty seconds. */
  @Nullable Frame read() {
    try {
      int opcode = in.readUnsignedByte();
      assertThat(opcode & 0x80).as("a message that is not cut").isNotZero();
      long length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      byte[] payload = new byte[Math.toIntExact(length)];
      in.readFully(payload);
      return new Frame(opcode & 0xf, payload);
    } catch (EOFException | SocketException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The code that the server closes with; 1006 if it just ends the connection. */
  int closeCode() {
    for (Frame frame = read(); frame != null; frame = read()) {
      if (frame.opcode() == CLOSE) {
        return frame.closeCode();
      }
    }
    return 1006;
  }

  /** Ends the connection at once, so that its port is free again. */
  void abort() {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException e) {
      // closed already
    }
    close();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
