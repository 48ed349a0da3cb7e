package dev.nagare.models.online;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A state as named sections, so that a tool can read one without knowing the rest: magic, format,
 * then name (modified UTF-8), length in bytes (4 bytes, big-endian) and bytes of each section, and
 * an empty name at the end. {@link StateInput} reads it.
 */
public final class StateOutput {
  static final int MAGIC = 0x4e47_5354;
  static final int FORMAT = 1;

  private final DataOutput out;

  /** Writes one section's content. */
  @FunctionalInterface
  public interface Content {
    /** Writes it. */
    void write(DataOutput section) throws IOException;
  }

  /** Begins a state; the caller closes {@code out}. */
  public StateOutput(DataOutput out) throws IOException {
    this.out = out;
    out.writeInt(MAGIC);
    out.writeInt(FORMAT);
  }

  /**
   * Writes a section.
   *
   * @param name not empty, once per state
   */
  public void section(String name, Content content) throws IOException {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("state: a section needs a name");
    }
    var bytes = new ByteArrayOutputStream();
    content.write(new DataOutputStream(bytes));
    out.writeUTF(name);
    out.writeInt(bytes.size());
    out.write(bytes.toByteArray());
  }

  /** Ends the state: one that has no end was cut off. */
  public void end() throws IOException {
    out.writeUTF("");
  }
}
