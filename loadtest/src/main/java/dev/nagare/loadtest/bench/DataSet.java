package dev.nagare.loadtest.bench;

import com.google.errorprone.annotations.Immutable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file that others published and that we may not, or need not, ship.
 *
 * @param path below the folder of {@code --data}
 * @param source where to get it
 * @param sha256 of the file, lower-case hexadecimal
 */
@Immutable
public record DataSet(String path, String source, String sha256) {

  /** Files of which at least one is missing or another than expected, as a row says it. */
  public static @Nullable String missing(Bench bench, List<DataSet> files) throws IOException {
    for (DataSet file : files) {
      Path at = bench.data() == null ? null : bench.data().resolve(file.path);
      if (at == null || !Files.isReadable(at)) {
        return "not measured: expected "
            + file.path
            + " in the folder of --data; get it from "
            + file.source
            + ", SHA-256 "
            + file.sha256;
      }
      String found = hash(at);
      if (!found.equals(file.sha256)) {
        return "not measured: "
            + at
            + " is another file than was measured before: expected SHA-256 "
            + file.sha256
            + ", got "
            + found
            + "; get it from "
            + file.source;
      }
    }
    return null;
  }

  /** The file; to be asked for after {@link #missing} found nothing. */
  public Path in(Bench bench) {
    if (bench.data() == null) {
      throw new IllegalStateException(path + ": no folder of data was given");
    }
    return bench.data().resolve(path);
  }

  private static String hash(Path file) throws IOException {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest()).toLowerCase(Locale.ROOT);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this JDK", e);
    }
  }
}
