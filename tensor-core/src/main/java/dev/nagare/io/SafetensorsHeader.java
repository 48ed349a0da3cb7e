package dev.nagare.io;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a safetensors file: one flat JSON object, of which exactly the form that the format
 * asks for is read.
 *
 * @param tensors in the order of their bytes
 * @param metadata what {@code __metadata__} holds
 */
record SafetensorsHeader(List<Entry> tensors, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  /** Where a tensor is, counted from the end of the header. */
  record Entry(String name, DType dtype, Shape shape, long begin, long end) {}

  /** Reads a header and checks that its tensors fill so many bytes without gap or overlap. */
  static SafetensorsHeader parse(String json, long bytes) throws IOException {
    var reader = new HeaderReader(json);
    List<Entry> tensors = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    reader.expect('{');
    while (reader.hasMember(names.isEmpty())) {
      String name = reader.string();
      if (!names.add(name)) {
        throw new IOException("the name " + name + " is there twice");
      }
      reader.expect(':');
      if (name.equals(METADATA)) {
        readMetadata(reader, metadata);
      } else {
        tensors.add(readEntry(reader, name));
      }
    }
    reader.end();
    tensors.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : tensors) {
      if (entry.begin != at) {
        throw new IOException(
            entry.name
                + (entry.begin < at ? " overlaps what is before it" : " leaves a gap before it")
                + ": it begins at "
                + entry.begin
                + ", expected "
                + at);
      }
      at = entry.end;
    }
    if (at != bytes) {
      throw new IOException("tensors take " + at + " bytes, the file has " + bytes);
    }
    return new SafetensorsHeader(tensors, metadata);
  }

  private static void readMetadata(HeaderReader reader, Map<String, String> metadata)
      throws IOException {
    reader.expect('{');
    while (reader.hasMember(metadata.isEmpty())) {
      String key = reader.string();
      reader.expect(':');
      if (metadata.putIfAbsent(key, reader.string()) != null) {
        throw new IOException("the metadata " + key + " is there twice");
      }
    }
  }

  private static Entry readEntry(HeaderReader reader, String name) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    reader.expect('{');
    while (reader.hasMember(members.isEmpty())) {
      String key = reader.string();
      reader.expect(':');
      Object value =
          switch (key) {
            case "dtype" -> reader.string();
            case "shape", "data_offsets" -> reader.numbers();
            default -> throw new IOException(name + " has an unknown member " + key);
          };
      if (members.putIfAbsent(key, value) != null) {
        throw new IOException(name + " has the member " + key + " twice");
      }
    }
    if (!(members.get("dtype") instanceof String dtype
        && members.get("shape") instanceof long[] dims
        && members.get("data_offsets") instanceof long[] offsets)) {
      throw new IOException(name + " has no dtype, shape or data_offsets");
    }
    return entry(name, dtype, dims, offsets);
  }

  private static Entry entry(String name, String dtypeName, long[] dims, long[] offsets)
      throws IOException {
    DType dtype =
        Arrays.stream(DType.values())
            .filter(known -> known.name().equals(dtypeName))
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        name
                            + " is of dtype "
                            + dtypeName
                            + ", expected one of "
                            + Arrays.toString(DType.values())));
    Shape shape;
    try {
      shape = Shape.of(dims);
    } catch (TensorException e) {
      throw new IOException(name + " is too large: " + e.getMessage(), e);
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw new IOException(
          name + " has data_offsets " + Arrays.toString(offsets) + ", expected [begin, end]");
    }
    long size = offsets[1] - offsets[0];
    if (size % dtype.bytes() != 0 || size / dtype.bytes() != shape.elements()) {
      throw new IOException(
          name + " is " + dtype + " " + shape + ", its data_offsets span " + size + " bytes");
    }
    return new Entry(name, dtype, shape, offsets[0], offsets[1]);
  }
}
