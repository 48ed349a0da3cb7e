package dev.nagare.models.online;

import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SequencedSet;

/** The sections that {@link StateOutput} wrote, read as a whole. */
public final class StateInput {
  private final SequencedMap<String, byte[]> sections = new LinkedHashMap<>();

  /** Reads one section's content. */
  @FunctionalInterface
  public interface Content {
    /** Reads it; what is left unread is an error. */
    void read(DataInput section) throws IOException;
  }

  /**
   * Reads a state to its end.
   *
   * @throws IOException if it is no state, is cut off, or has a format that this version does not
   *     know
   */
  public StateInput(DataInput in) throws IOException {
    if (in.readInt() != StateOutput.MAGIC) {
      throw new IOException("state: this is not the state of an online model");
    }
    int format = in.readInt();
    if (format != StateOutput.FORMAT) {
      throw new IOException(
          "state: it has format " + format + ", this version reads " + StateOutput.FORMAT);
    }
    for (String name = in.readUTF(); !name.isEmpty(); name = in.readUTF()) {
      int length = in.readInt();
      if (length < 0) {
        throw new IOException("state: section " + name + " has the length " + length);
      }
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      if (sections.put(name, bytes) != null) {
        throw new IOException("state: section " + name + " comes twice");
      }
    }
  }

  /** Names of the sections, in the order they were written. */
  public SequencedSet<String> names() {
    return sections.sequencedKeySet();
  }

  /**
   * A section's bytes; a copy.
   *
   * @throws IOException if there is none of that name
   */
  public byte[] bytes(String name) throws IOException {
    return find(name).clone();
  }

  /**
   * Reads a section.
   *
   * @throws IOException if there is none of that name, or it is longer or shorter than what was
   *     read
   */
  public void section(String name, Content content) throws IOException {
    var bytes = new ByteArrayInputStream(find(name));
    content.read(new DataInputStream(bytes));
    if (bytes.available() > 0) {
      throw new IOException(
          "state: section " + name + " has " + bytes.available() + " bytes more than expected");
    }
  }

  private byte[] find(String name) throws IOException {
    byte[] bytes = sections.get(name);
    if (bytes == null) {
      throw new IOException(
          "state: there is no section " + name + ", there are " + sections.keySet());
    }
    return bytes;
  }
}
