package dev.nagare.streaming.checkpoint;

import java.security.DigestException;
import java.security.MessageDigest;

/**
 * A chain of hashes over the records that a model learned: two models with the same digest learned
 * the same records in the same order, each once.
 *
 * <p>{@code d' = SHA-256(d, offset as 8 bytes big-endian, value)}, from 32 zero bytes. Not
 * thread-safe; allocates nothing per record.
 */
public final class RecordsDigest {
  private final MessageDigest sha256 = Sha256.digest();
  private final byte[] chain = new byte[Sha256.BYTES];
  private final byte[] number = new byte[Long.BYTES];

  /** Goes on from a digest of before; 32 bytes, copied. */
  public void restore(byte[] digest) {
    System.arraycopy(digest, 0, chain, 0, chain.length);
  }

  /** Takes in a record. */
  public void add(long offset, byte[] value) {
    for (int i = 0; i < Long.BYTES; i++) {
      number[i] = (byte) (offset >>> (Long.SIZE - Byte.SIZE * (i + 1)));
    }
    sha256.update(chain);
    sha256.update(number);
    sha256.update(value);
    try {
      sha256.digest(chain, 0, chain.length);
    } catch (DigestException e) {
      throw new AssertionError(e); // the array has the digest's length
    }
  }

  /** A copy of the digest, 32 bytes. */
  public byte[] value() {
    return chain.clone();
  }
}
