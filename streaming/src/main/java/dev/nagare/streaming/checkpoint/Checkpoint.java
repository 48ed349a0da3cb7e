package dev.nagare.streaming.checkpoint;

import dev.nagare.streaming.Lineage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What a learner was when it had learned every record before an offset.
 *
 * <pre>
 * "NAGARECP"  format  configuration  step  topic  partition  first offset  next offset
 * examples  refused  quarantined  records digest  length  model state  SHA-256
 * </pre>
 *
 * <p>The hash is over all bytes before it. Numbers are big-endian, texts in modified UTF-8.
 *
 * @param configuration of the model, compared as a text
 * @param step of the learner
 * @param lineage which records were learned
 * @param recordsDigest chain over those records, see {@link RecordsDigest}
 * @param state of the model; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way, compared by nobody
public record Checkpoint(
    String configuration, long step, Lineage lineage, byte[] recordsDigest, byte[] state) {
  private static final long MAGIC = 0x4E41_4741_5245_4350L;
  private static final int FORMAT = 2;

  /** The bytes of the blob. */
  public byte[] toBytes() {
    var bytes = new ByteArrayOutputStream(state.length + 1024);
    MessageDigest digest = Sha256.digest();
    try (var out = new DataOutputStream(new DigestOutputStream(bytes, digest))) {
      out.writeLong(MAGIC);
      out.writeInt(FORMAT);
      out.writeUTF(configuration);
      out.writeLong(step);
      out.writeUTF(lineage.topic());
      out.writeInt(lineage.partition());
      out.writeLong(lineage.firstOffset());
      out.writeLong(lineage.nextOffset());
      out.writeLong(lineage.examples());
      out.writeLong(lineage.refused());
      out.writeLong(lineage.quarantined());
      out.write(recordsDigest);
      out.writeInt(state.length);
      out.write(state);
      bytes.writeBytes(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array does not fail to be written to
    }
    return bytes.toByteArray();
  }

  /**
   * Reads a blob.
   *
   * @throws IOException if it is damaged or of another format
   */
  public static Checkpoint read(byte[] blob) throws IOException {
    int length = blob.length - Sha256.BYTES;
    if (length < Long.BYTES + Integer.BYTES) {
      throw new IOException("only " + blob.length + " bytes");
    }
    byte[] hash = Arrays.copyOfRange(blob, length, blob.length);
    if (!Arrays.equals(Sha256.of(blob, 0, length), hash)) {
      throw new IOException("its SHA-256 does not fit its content");
    }
    var in = new DataInputStream(new ByteArrayInputStream(blob, 0, length));
    if (in.readLong() != MAGIC) {
      throw new IOException("not a checkpoint");
    }
    int format = in.readInt();
    if (format != FORMAT) {
      throw new IOException("format " + format + ", expected " + FORMAT);
    }
    String configuration = in.readUTF();
    long step = in.readLong();
    var lineage =
        new Lineage(
            in.readUTF(),
            in.readInt(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong());
    byte[] digest = new byte[Sha256.BYTES];
    in.readFully(digest);
    byte[] state = new byte[in.readInt()];
    in.readFully(state);
    return new Checkpoint(configuration, step, lineage, digest, state);
  }

  /** The model's state, to be read. */
  public DataInput stateInput() {
    return new DataInputStream(new ByteArrayInputStream(state));
  }

  /** SHA-256 of the model's state, lower-case hexadecimal. */
  public String stateHash() {
    return Sha256.hex(Sha256.of(state));
  }
}
