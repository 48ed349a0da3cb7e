package dev.nagare.tensor.onednn;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A library that is to be in a folder with known content.
 *
 * @param name of the file
 * @param resource where the class path has it
 * @param sha256 of its content, in hexadecimal
 */
record NativeFile(String name, String resource, String sha256) {
  private static final int BUFFER = 1 << 20;

  /**
   * Puts the library into the folder, unless it is there already and undamaged.
   *
   * <p>Safe if several processes do it at once: each writes a file of its own and renames it. A
   * file that was found undamaged is not read again as long as nobody touches it: that would take a
   * third of a second of each start.
   *
   * @return its path
   * @throws IOException if the folder cannot be written
   * @throws DamagedException if the class path has no such library, or another one
   */
  Path unpack(Path folder) throws IOException {
    Path path = folder.resolve(name);
    if (Files.isRegularFile(path) && isUndamaged(path)) {
      return path;
    }
    Path temporary = Files.createTempFile(folder, name, ".tmp");
    String stamp;
    try {
      String digest = copyTo(temporary);
      if (!digest.equals(sha256)) {
        throw new DamagedException(
            "the class path has another " + name + ", SHA-256 " + digest + ", expected " + sha256);
      }
      stamp = stamp(temporary); // a rename keeps it; later it could be somebody else's
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    remember(path, stamp);
    return path;
  }

  private boolean isUndamaged(Path path) throws IOException {
    String stamp = stamp(path); // before the content: whoever changes that later is noticed
    if (Arrays.equals(stamp.getBytes(UTF_8), remembered(path))) {
      return true;
    }
    if (!digest(path).equals(sha256)) {
      return false;
    }
    remember(path, stamp);
    return true;
  }

  private static byte[] remembered(Path path) {
    try {
      return Files.readAllBytes(verified(path));
    } catch (IOException e) {
      return new byte[0]; // nobody wrote it, or it is not ours to read: the content tells
    }
  }

  /** Writes down what the file that has the right content looks like from outside. */
  private static void remember(Path path, String stamp) throws IOException {
    try {
      Files.writeString(verified(path), stamp);
    } catch (FileSystemException e) {
      // A folder that is only read, as in an image: it is read as a whole each time.
    }
  }

  private static Path verified(Path path) {
    return path.resolveSibling(path.getFileName() + ".verified");
  }

  private String stamp(Path path) throws IOException {
    return sha256
        + " "
        + Files.size(path)
        + " bytes, of "
        + Files.getLastModifiedTime(path).toInstant();
  }

  private String copyTo(Path file) throws IOException {
    MessageDigest digest = sha256Digest();
    try (InputStream in = NativeFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new DamagedException("the class path has no " + resource);
      }
      try (var out = new FileOutputStream(file.toFile())) {
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
          out.write(buffer, 0, n);
        }
        out.getFD().sync(); // before it is taken as verified
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String digest(Path file) throws IOException {
    MessageDigest digest = sha256Digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** The class path does not have what it should. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }
}
