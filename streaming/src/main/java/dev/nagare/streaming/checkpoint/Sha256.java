package dev.nagare.streaming.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The one hash of blobs, states, records and configurations. */
public final class Sha256 {
  /** Length of a hash. */
  public static final int BYTES = 32;

  private Sha256() {}

  /** A fresh digest. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every JDK has it
    }
  }

  /** The hash of some bytes. */
  public static byte[] of(byte[] bytes) {
    return digest().digest(bytes);
  }

  /** The hash of a part of some bytes. */
  static byte[] of(byte[] bytes, int from, int length) {
    MessageDigest digest = digest();
    digest.update(bytes, from, length);
    return digest.digest();
  }

  /** The hash of a text's UTF-8, lower-case hexadecimal. */
  public static String of(String text) {
    return hex(of(text.getBytes(UTF_8)));
  }

  /** Lower-case hexadecimal. */
  public static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
