package dev.nagare.loadtest.drill.verify;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * The chain of hashes over the learned records, computed again from the raw topic: {@code d' =
 * SHA-256(d, offset as 8 bytes big-endian, value)}, from 32 zero bytes.
 */
final class RecordsDigest {
  /** Digest after a row, by the offset after it. */
  private final TreeMap<Long, String> after = new TreeMap<>();

  RecordsDigest(InputLog input) {
    MessageDigest sha256 = Sha256.digest();
    byte[] chain = new byte[32];
    after.put(0L, HexFormat.of().formatHex(chain));
    for (RawRecord row : input.rows()) {
      byte[] value = row.value();
      sha256.update(chain);
      sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(row.offset()).flip());
      chain = sha256.digest(value == null ? new byte[0] : value);
      after.put(row.offset() + 1, HexFormat.of().formatHex(chain));
    }
  }

  /** The digest of all rows before an offset. */
  String before(long nextOffset) {
    return after.floorEntry(nextOffset).getValue();
  }
}
