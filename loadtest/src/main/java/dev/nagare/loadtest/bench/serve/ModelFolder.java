package dev.nagare.loadtest.bench.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Models as the server reads them: {@code <name>/<version>/model.onnx}.
 *
 * @param folder of the models
 */
record ModelFolder(Path folder) {

  /** Writes a model's file. */
  interface Writer {
    /** Writes it. */
    void write(Path file) throws IOException;
  }

  /** Adds a version, which is whole when the server sees its folder. */
  ModelFolder add(String model, int version, Writer writer) throws IOException {
    Path at = Files.createDirectories(folder.resolve(model));
    Path building = Files.createDirectory(folder.resolveSibling("version"));
    writer.write(building.resolve("model.onnx"));
    Files.move(building, at.resolve(Integer.toString(version)));
    return this;
  }

  /** Writes a model's {@code model.yaml}. */
  ModelFolder says(String model, String yaml) throws IOException {
    Files.writeString(folder.resolve(model).resolve("model.yaml"), yaml);
    return this;
  }
}
