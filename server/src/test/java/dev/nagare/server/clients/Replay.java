package dev.nagare.server.clients;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client over HTTP/1.1: sends bytes as they are, and reads answers by their
 * lengths, so that a byte too many or too few shows in the next answer.
 *
 * <p>A transcript is a request's head, a line each, {@code {port}} for the server's; then an empty
 * line and the JSON. Tensors, and bodies that are compressed, follow as bytes.
 */
final class Replay implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final Pattern LENGTH =
      Pattern.compile("^content-length: (\\d+)$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

  private final Socket socket;
  private final InputStream in;

  Replay(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
  }

  /** A header as it came. */
  record Header(String name, String value) {}

  /** What came back. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Answer(int status, List<Header> headers, byte[] body) {

    /** A header's value, its name in any case: all clients here read them so. */
    @Nullable String header(String name) {
      return headers.stream()
          .filter(header -> header.name().equalsIgnoreCase(name))
          .map(Header::value)
          .findFirst()
          .orElse(null);
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Sends a request and reads its answer. */
  Answer send(String transcript, byte[]... tail) throws IOException {
    int blank = transcript.indexOf("\n\n");
    String head = blank < 0 ? transcript : transcript.substring(0, blank);
    var body = new ByteArrayOutputStream();
    if (blank >= 0) {
      body.writeBytes(transcript.substring(blank).strip().getBytes(StandardCharsets.UTF_8));
    }
    for (byte[] bytes : tail) {
      body.writeBytes(bytes);
    }
    Matcher length = LENGTH.matcher(head);
    int said = length.find() ? Integer.parseInt(length.group(1)) : 0;
    if (said != body.size()) {
      throw new IllegalArgumentException(
          "the transcript says " + said + " bytes, and has " + body.size());
    }
    head(head);
    write(body.toByteArray());
    return read();
  }

  /** Sends a request's head only. */
  void head(String head) throws IOException {
    String lines = head.strip().replace("{port}", Integer.toString(socket.getPort()));
    write((lines.replace("\n", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** The next answer, or an interim one. */
  Answer read() throws IOException {
    String status = line();
    if (!status.matches("HTTP/1\\.1 \\d{3} .*")) {
      throw new AssertionError("expected a status line, got " + status);
    }
    int code = Integer.parseInt(status.substring(9, 12));
    List<Header> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    var answer = new Answer(code, headers, new byte[0]);
    return code < 200 ? answer : new Answer(code, headers, body(answer));
  }

  private byte[] body(Answer head) throws IOException {
    String coding = head.header("Transfer-Encoding");
    if (coding != null && coding.toLowerCase(Locale.ROOT).equals("chunked")) {
      var body = new ByteArrayOutputStream();
      for (int size = chunk(); size > 0; size = chunk()) {
        body.writeBytes(exactly(size));
        line();
      }
      line();
      return body.toByteArray();
    }
    String length = head.header("Content-Length");
    if (length == null) {
      throw new AssertionError("expected a length, or the next answer cannot be found: " + head);
    }
    return exactly(Integer.parseInt(length));
  }

  private int chunk() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private byte[] exactly(int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("expected " + size + " bytes, got " + bytes.length);
    }
    return bytes;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server closed the connection after '" + line + "'");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
