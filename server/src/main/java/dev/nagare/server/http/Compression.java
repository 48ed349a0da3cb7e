package dev.nagare.server.http;

import dev.nagare.server.admission.Expansion;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The codings of HTTP bodies that are spoken here. {@code deflate} is zlib with its header, as the
 * standard says, and as stock clients send it.
 */
enum Compression {
  GZIP {
    @Override
    InputStream opened(InputStream from) throws IOException {
      return new GZIPInputStream(from, CHUNK);
    }

    @Override
    OutputStream opened(OutputStream to) throws IOException {
      return new GZIPOutputStream(to, CHUNK);
    }
  },
  DEFLATE {
    @Override
    InputStream opened(InputStream from) {
      return new InflaterInputStream(from);
    }

    @Override
    OutputStream opened(OutputStream to) {
      return new DeflaterOutputStream(to);
    }
  };

  private static final int CHUNK = 8 << 10;

  abstract InputStream opened(InputStream from) throws IOException;

  abstract OutputStream opened(OutputStream to) throws IOException;

  /** As headers spell it. */
  String coding() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * How a body is coded.
   *
   * @param header {@code Content-Encoding}
   * @return null if it is not
   * @throws ProtocolException status 415 for a coding that is not spoken here
   */
  static @Nullable Compression of(@Nullable String header) {
    String coding = header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
    return switch (coding) {
      case "identity", "" -> null;
      case "gzip", "x-gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default ->
          throw new ProtocolException(
              415, "Content-Encoding: expected gzip, deflate or none, got '" + header + "'");
    };
  }

  /**
   * How the answer is to be coded.
   *
   * @param header {@code Accept-Encoding}
   * @return null if plainly
   */
  static @Nullable Compression wanted(@Nullable String header) {
    if (header == null) {
      return null;
    }
    Compression wanted = null;
    for (String part : header.split(",", -1)) {
      String[] pieces = part.strip().toLowerCase(Locale.ROOT).split("\\s*;\\s*", -1);
      boolean refused = pieces.length > 1 && pieces[1].matches("q=0(\\.0*)?");
      if (!refused && pieces[0].equals("gzip")) {
        return GZIP;
      }
      if (!refused && pieces[0].equals("deflate")) {
        wanted = DEFLATE;
      }
    }
    return wanted;
  }

  /**
   * The plain bytes of a body, in pieces.
   *
   * @param room grows by them
   * @throws ProtocolException status 400 if it is damaged, 413 if it is larger than allowed, 429 if
   *     there is no room
   */
  List<byte[]> expand(List<ByteBuffer> pieces, Bodies limits, ByteBudget.Share room) {
    try (InputStream in = opened(joined(pieces))) {
      return Expansion.of(
          in,
          limits.maxBytes(),
          limits.budget(),
          room,
          () ->
              new ProtocolException(
                  413,
                  "expected a body of at most "
                      + limits.maxBytes()
                      + " bytes once it is decompressed (server.max-body-bytes), got more"));
    } catch (ZipException | EOFException e) {
      throw new ProtocolException(
          400, "Content-Encoding: the body is not " + coding() + ": " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream joined(List<ByteBuffer> pieces) {
    return new SequenceInputStream(
        Collections.enumeration(pieces.stream().map(Compression::stream).toList()));
  }

  private static InputStream stream(ByteBuffer piece) {
    return new InputStream() {
      @Override
      public int read() {
        return piece.hasRemaining() ? Byte.toUnsignedInt(piece.get()) : -1;
      }

      @Override
      public int read(byte[] to, int from, int most) {
        if (!piece.hasRemaining()) {
          return most == 0 ? 0 : -1;
        }
        int n = Math.min(most, piece.remaining());
        piece.get(to, from, n);
        return n;
      }

      @Override
      public int available() {
        return piece.remaining();
      }
    };
  }

  /** Pieces in a row as one coded body. */
  byte[] shrink(List<byte[]> pieces) {
    var coded = new ByteArrayOutputStream();
    try (OutputStream out = opened(coded)) {
      for (byte[] piece : pieces) {
        out.write(piece);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // bytes go to memory
    }
    return coded.toByteArray();
  }
}
