package dev.nagare.io;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/** Writes what {@link Safetensors} reads. */
final class SafetensorsWriter {
  private static final int CHUNK = 1 << 20;
  private static final int HEADER_ALIGNMENT = 8;

  private SafetensorsWriter() {}

  static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(
        Comparator.comparingInt((Map.Entry<String, Tensor> e) -> -e.getValue().dtype().bytes())
            .thenComparing(Map.Entry::getKey));
    ByteBuffer header = header(ordered, metadata);
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent(), "no file name");
    Path temporary = folder.resolve(path.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel out =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        writeAll(out, header);
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        for (Map.Entry<String, Tensor> entry : ordered) {
          Tensor tensor = entry.getValue();
          for (long at = 0; at < tensor.elements(); ) {
            at += tensor.copyTo(at, chunk.clear());
            writeAll(out, chunk.flip());
          }
        }
        out.force(true);
      }
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncFolder(folder);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** So that the new name survives a power failure. */
  private static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      var _ = out.write(bytes);
    }
  }

  private static ByteBuffer header(
      List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      quote(SafetensorsHeader.METADATA, json);
      json.append(":{");
      new TreeMap<>(metadata)
          .forEach(
              (key, value) -> {
                quote(key, json);
                json.append(':');
                quote(value, json);
                json.append(',');
              });
      json.setCharAt(json.length() - 1, '}');
      json.append(',');
    }
    long at = 0;
    for (Map.Entry<String, Tensor> entry : tensors) {
      if (entry.getKey().equals(SafetensorsHeader.METADATA)) {
        throw TensorException.mismatch("safetensors: no tensor can be called __metadata__");
      }
      Tensor tensor = entry.getValue();
      long end = at + tensor.elements() * tensor.dtype().bytes();
      quote(entry.getKey(), json);
      json.append(":{\"dtype\":\"").append(tensor.dtype()).append("\",\"shape\":");
      json.append(tensor.shape().toString().replace(" ", ""));
      json.append(",\"data_offsets\":[").append(at).append(',').append(end).append("]},");
      at = end;
    }
    if (json.length() > 1) {
      json.setLength(json.length() - 1);
    }
    return bytes(json.append('}'));
  }

  private static ByteBuffer bytes(StringBuilder json) {
    ByteBuffer text;
    try {
      text = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
    } catch (CharacterCodingException e) {
      throw new TensorException(
          TensorException.Kind.MISMATCH, "safetensors: a name or metadata is no Unicode text", e);
    }
    int length = (text.remaining() + HEADER_ALIGNMENT - 1) / HEADER_ALIGNMENT * HEADER_ALIGNMENT;
    if (length > Safetensors.MOST_HEADER_BYTES) {
      throw TensorException.mismatch(
          "safetensors: a header of " + length + " bytes, at most 100 MB can be read again");
    }
    ByteBuffer header =
        ByteBuffer.allocate(Safetensors.LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(length).put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void quote(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(Character.forDigit(c >> 4, 16));
        json.append(Character.forDigit(c & 15, 16));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
