package dev.nagare.streaming.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What a learner was when it had learned every record before an offset: one file.
 *
 * <pre>
 * "NAGARECP"  format  configuration  step  topic  partition  next offset  model state  SHA-256
 * </pre>
 *
 * <p>The hash is over all bytes before it. Numbers are big-endian, texts in modified UTF-8.
 *
 * @param configuration of the model, compared as a text
 * @param step of the learner
 * @param lineage what was learned
 * @param state of the model, ready to be read
 */
record Checkpoint(String configuration, long step, Lineage lineage, DataInput state) {
  private static final long MAGIC = 0x4E41_4741_5245_4350L;
  private static final int FORMAT = 1;
  private static final int HASH_BYTES = 32;

  /** Writes the part of a checkpoint that the model knows. */
  interface State {
    void save(DataOutput out) throws IOException;
  }

  /** Writes a checkpoint; the stream stays open. */
  static void write(
      OutputStream file, String configuration, long step, Lineage lineage, State state)
      throws IOException {
    MessageDigest digest = sha256();
    var out = new DataOutputStream(new DigestOutputStream(file, digest));
    out.writeLong(MAGIC);
    out.writeInt(FORMAT);
    out.writeUTF(configuration);
    out.writeLong(step);
    out.writeUTF(lineage.topic());
    out.writeInt(lineage.partition());
    out.writeLong(lineage.nextOffset());
    state.save(out);
    out.flush();
    file.write(digest.digest());
  }

  /**
   * Reads a checkpoint.
   *
   * @throws IOException if it is damaged or of another format
   */
  static Checkpoint read(byte[] file) throws IOException {
    int length = file.length - HASH_BYTES;
    if (length < Long.BYTES + Integer.BYTES) {
      throw new IOException("only " + file.length + " bytes");
    }
    MessageDigest digest = sha256();
    digest.update(file, 0, length);
    if (!MessageDigest.isEqual(digest.digest(), Arrays.copyOfRange(file, length, file.length))) {
      throw new IOException("its SHA-256 does not fit its content");
    }
    var in = new DataInputStream(new ByteArrayInputStream(file, 0, length));
    if (in.readLong() != MAGIC) {
      throw new IOException("not a checkpoint");
    }
    int format = in.readInt();
    if (format != FORMAT) {
      throw new IOException("format " + format + ", expected " + FORMAT);
    }
    String configuration = in.readUTF();
    long step = in.readLong();
    var lineage = new Lineage(in.readUTF(), in.readInt(), in.readLong());
    return new Checkpoint(configuration, step, lineage, in);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every JDK has it
    }
  }
}
