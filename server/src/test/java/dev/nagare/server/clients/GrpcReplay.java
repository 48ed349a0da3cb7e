package dev.nagare.server.clients;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * One connection of a gRPC client: sends the frames of a transcript as they are, call by call, and
 * reads frames until the call's stream ends.
 *
 * <p>A transcript has a line for each frame, its type and stream, then its bytes in hexadecimal;
 * {@code #} begins a comment. Heads are compressed against those before them, so calls cannot be
 * left out.
 */
final class GrpcReplay implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int PRIORITY = 32;
  private static final int PRIORITY_BYTES = 5;

  private final Socket socket;
  private final DataInputStream in;
  private final Deque<Sent> frames;
  private final DefaultHttp2HeadersDecoder heads = new DefaultHttp2HeadersDecoder();
  private int pings;

  /** Opens a connection for a transcript of the resources. */
  GrpcReplay(int port, String transcript) throws IOException {
    frames = read(transcript);
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Sent(String type, int stream, byte[] bytes) {}

  /** What a call got: the first head, the last one, and the messages, decompressed. */
  record Call(Map<String, String> head, Map<String, String> trailers, List<byte[]> messages) {

    /** The only message of a call that went well. */
    byte[] message() {
      if (!"0".equals(trailers.get("grpc-status")) || messages.size() != 1) {
        throw new AssertionError("expected one message, got " + messages.size() + " " + trailers);
      }
      return messages.getFirst();
    }
  }

  /** Sends all frames up to the next call's head, and reads what this one gets. */
  Call next() throws IOException {
    int stream = 0;
    while (!frames.isEmpty()) {
      Sent frame = frames.getFirst();
      if (frame.type().equals("HEADERS")) {
        if (stream != 0) {
          break;
        }
        stream = frame.stream();
      }
      frames.removeFirst();
      pings += frame.type().equals("PING") ? 1 : 0;
      socket.getOutputStream().write(frame.bytes());
    }
    return answer(stream);
  }

  /** Whether the transcript is through, and each of its pings was answered. */
  boolean done() {
    return frames.isEmpty() && pings == 0;
  }

  private Call answer(int stream) throws IOException {
    List<Map<String, String>> got = new ArrayList<>();
    var data = new ByteArrayOutputStream();
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int of = in.readInt();
      byte[] payload = content(type, flags, in.readNBytes(length));
      switch (type) {
        case PING -> pings -= (flags & ACK) == 0 ? 0 : 1;
        case GOAWAY, RST_STREAM ->
            throw new AssertionError(
                "expected an answer, got frame " + type + " " + HexFormat.of().formatHex(payload));
        case HEADERS -> {
          if ((flags & END_HEADERS) == 0) {
            throw new AssertionError("expected heads in one frame");
          }
          got.add(head(of, payload));
        }
        case DATA -> data.writeBytes(payload);
        default -> {} // windows are wide enough, and the transcript acknowledges settings
      }
      boolean ended = (type == HEADERS || type == DATA) && (flags & END_STREAM) != 0;
      if (ended && of == stream) {
        Map<String, String> head = got.getFirst();
        return new Call(head, got.getLast(), messages(data.toByteArray(), head));
      }
    }
  }

  /** A frame's payload without padding and without the priority that may stand before a head. */
  private static byte[] content(int type, int flags, byte[] payload) {
    boolean padded = (type == HEADERS || type == DATA) && (flags & PADDED) != 0;
    boolean priority = type == HEADERS && (flags & PRIORITY) != 0;
    int from = (padded ? 1 : 0) + (priority ? PRIORITY_BYTES : 0);
    int to = payload.length - (padded ? Byte.toUnsignedInt(payload[0]) : 0);
    return Arrays.copyOfRange(payload, from, to);
  }

  private Map<String, String> head(int stream, byte[] block) {
    Map<String, String> head = new LinkedHashMap<>();
    try {
      heads
          .decodeHeaders(stream, Unpooled.wrappedBuffer(block))
          .forEach(entry -> head.put(entry.getKey().toString(), entry.getValue().toString()));
    } catch (Http2Exception e) {
      throw new AssertionError("the head of stream " + stream + " cannot be read", e);
    }
    return head;
  }

  private static List<byte[]> messages(byte[] data, Map<String, String> head) throws IOException {
    List<byte[]> messages = new ArrayList<>();
    for (ByteBuffer bytes = ByteBuffer.wrap(data); bytes.hasRemaining(); ) {
      int compressed = bytes.get();
      byte[] message = new byte[bytes.getInt()];
      bytes.get(message);
      if (compressed == 1 && !"gzip".equals(head.get("grpc-encoding"))) {
        throw new AssertionError("a compressed message, but no encoding: " + head);
      }
      messages.add(
          compressed == 0
              ? message
              : new GZIPInputStream(new ByteArrayInputStream(message)).readAllBytes());
    }
    return messages;
  }

  private static Deque<Sent> read(String transcript) {
    String text;
    try (InputStream in = GrpcReplay.class.getResourceAsStream("/clients/" + transcript)) {
      text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Deque<Sent> frames = new ArrayDeque<>();
    for (String part : text.replaceAll("(?m)^#.*\n|^\n", "").split("\n(?=\\S)", -1)) {
      String[] lines = part.split("\n", 2);
      String[] name = lines[0].split(" ", -1);
      int stream = name.length == 1 ? 0 : Integer.parseInt(name[1]);
      byte[] bytes = HexFormat.of().parseHex(lines[1].replaceAll("\\s", ""));
      frames.add(new Sent(name[0], stream, bytes));
    }
    return frames;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
