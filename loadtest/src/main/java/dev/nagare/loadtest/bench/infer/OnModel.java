package dev.nagare.loadtest.bench.infer;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * A figure of a model: its file is written once, both sides read it, and it goes when they are
 * done.
 *
 * @param names of the rows
 * @param unit of a row that has no data
 * @param model whose file it is
 * @param figure told the file
 */
record OnModel(List<String> names, String unit, ModelFile model, Function<Path, Figure> figure)
    implements Figure {

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    String missing = model.missing(bench);
    if (missing != null) {
      return names.stream().map(name -> BenchResult.missing(name, unit, missing)).toList();
    }
    Path folder = Files.createTempDirectory("nagare-bench-");
    Path file = folder.resolve("model.onnx");
    try {
      bench.bar().show(0, names.getFirst() + ", writing the model");
      model.write(bench, file);
      return figure.apply(file).measure(bench);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }
}
