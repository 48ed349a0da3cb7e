package dev.nagare.server.config;

import dev.nagare.models.inference.Precision;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Classes;
import dev.nagare.models.processing.Embedding;
import dev.nagare.models.processing.ImageInput;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.processing.TextInput;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.models.repository.Reuse;
import dev.nagare.models.repository.VersionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code model.yaml}: in a model's folder, which versions of it are served, and in a
 * version's, what stands before and after its model. As strictly as the start-up file: what is
 * unknown is an error, and all faults are listed at once, with their lines. No variable counts, so
 * that a folder means the same wherever it is served.
 */
record ModelFileReader() implements ModelFile.Reader {
  private static final int MOST_BYTES = 1 << 16;
  private static final String VERSION = "[1-9][0-9]{0,17}";
  private static final Key VERSIONS =
      Key.of(
              "versions",
              "`all`: every version is served at once; or a section of the keys below. Each is asked"
                  + " for by `/versions/…`; without a version the newest answers")
          .within("all, or a section")
          .usually("the newest alone");
  private static final Key SOME =
      Key.of("versions", "Which versions are served at once, by one of these keys");
  private static final Key LATEST = Key.of("latest", "so many of the newest").in("versions");
  private static final Key SPECIFIC =
      Key.of("specific", "these, such as `[1, 3]`").within("a list of versions, at least one");
  private static final Key CANARY =
      Key.of(
          "canary",
          "A version that is tried: it is served as well, whatever `versions` says, and gets its"
              + " share of the requests without a version; the newest of the others gets the rest."
              + " [Canaries](api.md#canaries)");
  private static final Key SHADOW =
      Key.of(
          "shadow",
          "In place of `canary`, a version that gets copies of its share of the requests without a"
              + " version, when nothing else waits: nobody gets its answers, which are compared"
              + " with those that callers got. [Shadows](api.md#shadows)");
  private static final Key TRIED =
      Key.of("version", "the version that is tried").within("a whole number from 1");
  private static final Key SHARE =
      Key.of("share", "what it gets of the requests that name no version")
          .within("a number above 0, at most 1");
  private static final Key MEMORY_LIMIT =
      Key.of(
              "memory-limit-bytes",
              "most bytes that the model's versions may hold together, by plan, the old one during"
                  + " a swap included. [What counts](operations.md#memory-of-models)")
          .in("bytes")
          .usually("0: no limit");
  private static final Key INPUT = Key.of("input", "What stands before the model of a version");
  private static final Key IMAGE =
      Key.of(
          "image",
          "From a PNG or JPEG to the model's input, in this order; this or `input.text`."
              + " [Pictures](pre-and-post-processing.md#pictures-classify)");
  private static final Key TEXT =
      Key.of(
          "text",
          "From texts to the model's inputs. [Texts](pre-and-post-processing.md#texts-embed)");
  private static final Key OUTPUT = Key.of("output", "What stands after the model of a version");
  private static final Key CLASSES =
      Key.of("classes", "From scores to the best labels; this, or `output.embedding`, or both");
  private static final Key EMBEDDING = Key.of("embedding", "From an output to vectors");

  @Override
  public ModelFile read(Path file) throws IOException {
    try {
      var reading = new Reading(file.toString(), Map.of());
      ModelFile says = ofModel(root(reading, file));
      reading.end();
      return says;
    } catch (ConfigException e) {
      throw new RepositoryException(e.faults());
    }
  }

  @Override
  public Processing processing(
      ModelPackage found, List<TensorSpec> inputs, List<TensorSpec> outputs) throws IOException {
    Path file = found.description();
    if (!Files.exists(file)) {
      return Processing.NONE;
    }
    found.requireInside(file);
    try {
      var reading = new Reading(file.toString(), Map.of());
      Processing processing = ofVersion(root(reading, file), found, inputs, outputs);
      reading.end();
      return processing;
    } catch (ConfigException e) {
      throw new IOException(String.join("\n", e.faults()), e);
    }
  }

  /** What the reading of a model's file asks for, whatever is wrong with it. */
  static List<Reading.Declared> declaredOfModel(String content) {
    var reading = new Reading(ModelFile.NAME, Map.of());
    ofModel(new Section(reading, "", YamlNode.parse(reading.file(), content)));
    return reading.declared();
  }

  /** What the reading of a version's file asks for, whatever is wrong with it. */
  static List<Reading.Declared> declaredOfVersion(
      String content, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    var reading = new Reading(ModelFile.NAME, Map.of());
    var nowhere = new ModelPackage("model", 1, Path.of("no-folder", "1", "model.onnx"));
    Section root = new Section(reading, "", YamlNode.parse(reading.file(), content));
    ofVersion(root, nowhere, inputs, outputs);
    return reading.declared();
  }

  private static Section root(Reading reading, Path file) throws IOException {
    String name = file.toString();
    long bytes = Files.size(file);
    if (bytes > MOST_BYTES) {
      throw new ConfigException(
          List.of(name + ": expected at most " + MOST_BYTES + " bytes, got " + bytes));
    }
    return new Section(reading, "", YamlNode.parse(name, Files.readString(file)));
  }

  private static ModelFile ofModel(Section root) {
    VersionPolicy versions = versions(root);
    CanaryShare canary = tried(root);
    long most = root.integer(MEMORY_LIMIT, 0L, 0, Long.MAX_VALUE);
    Precision precision = PrecisionSection.read(root);
    Reuse reuse = ReuseSection.read(root);
    root.none("of one version: expected in the model.yaml of its folder", INPUT, OUTPUT);
    root.end();
    return new ModelFile(versions, canary, most == 0 ? Long.MAX_VALUE : most, precision, reuse);
  }

  private static Processing ofVersion(
      Section root, ModelPackage found, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    Section in = root.section(INPUT);
    @Nullable ImageInput image = null;
    @Nullable TextInput text = null;
    if (in.has(IMAGE) && in.has(TEXT)) {
      in.fault(TEXT, "expected image or text, got both");
    } else if (in.has(IMAGE)) {
      image = ImageSection.read(in.section(IMAGE), inputs);
    } else if (in.has(TEXT)) {
      text = TextSection.read(in.section(TEXT), found, inputs);
    } else {
      root.fault(INPUT, "expected image or text below it, got neither");
    }
    in.end();
    Section out = root.section(OUTPUT);
    @Nullable Classes classes =
        out.has(CLASSES) ? ClassesSection.read(out.section(CLASSES), found, outputs) : null;
    @Nullable Embedding embedding =
        out.has(EMBEDDING) ? EmbeddingSection.read(out.section(EMBEDDING), outputs) : null;
    if (!out.has(CLASSES) && !out.has(EMBEDDING)) {
      root.fault(OUTPUT, "expected classes or embedding below it, got neither");
    }
    out.end();
    root.none(
        "of all versions: expected in the model.yaml of the model's folder",
        VERSIONS,
        CANARY,
        SHADOW,
        MEMORY_LIMIT,
        PrecisionSection.PRECISION,
        PrecisionSection.LEAST_COSINE,
        ReuseSection.CACHE,
        ReuseSection.COALESCE);
    root.end();
    return new Processing(image, text, classes, embedding);
  }

  private static VersionPolicy versions(Section root) {
    if (!root.hasBelow(VERSIONS)) {
      String word =
          root.matching(VERSIONS, "", "all, or {latest: 2}, or {specific: [1, 3]}", "all");
      return word.isEmpty() ? VersionPolicy.NEWEST : new VersionPolicy.All();
    }
    Section in = root.section(SOME);
    VersionPolicy policy;
    if (in.says(SPECIFIC)) {
      in.none("only without specific", LATEST);
      policy = specific(in);
    } else if (in.says(LATEST)) {
      policy = new VersionPolicy.Latest(in.integer(LATEST, 1, 1, 1000));
    } else {
      root.fault(VERSIONS, "expected all, or {latest: 2}, or {specific: [1, 3]}");
      policy = VersionPolicy.NEWEST;
    }
    in.end();
    return policy;
  }

  private static VersionPolicy specific(Section in) {
    List<Long> versions = new ArrayList<>();
    for (String text : in.texts(SPECIFIC)) {
      if (text.matches(VERSION)) {
        versions.add(Long.parseLong(text));
      } else {
        in.fault(SPECIFIC, "expected versions such as 3, got '" + text + "'");
      }
    }
    if (versions.isEmpty()) {
      in.fault(SPECIFIC, "expected at least one version, such as [1, 3]");
    }
    return new VersionPolicy.Specific(List.copyOf(versions));
  }

  private static @Nullable CanaryShare tried(Section root) {
    CanaryShare canary = root.has(CANARY) ? share(root.section(CANARY), false) : null;
    CanaryShare shadow = root.has(SHADOW) ? share(root.section(SHADOW), true) : null;
    if (root.has(CANARY) && root.has(SHADOW)) {
      root.fault(SHADOW, "expected canary or shadow, got both: one version is tried at a time");
    }
    return canary == null ? shadow : canary;
  }

  private static @Nullable CanaryShare share(Section in, boolean shadow) {
    String version = in.required(TRIED, "the version that is tried, such as 3", VERSION);
    String share =
        in.required(
            SHARE,
            "a number above 0, at most 1, such as 0.1",
            "0?\\.[0-9]{0,17}[1-9][0-9]{0,17}|1(\\.0{0,18})?");
    in.end();
    return version.isEmpty() || share.isEmpty()
        ? null // a fault says so
        : new CanaryShare(Long.parseLong(version), Double.parseDouble(share), shadow);
  }
}
