package dev.nagare.streaming;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.ModelOptions;
import dev.nagare.models.inference.Precision;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.ModelPackage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Models of ONNX files, compiled.
 *
 * @param options of all of them
 * @param reader of what packages say beside their models
 */
record CompiledPackages(ModelOptions options, ModelFile.Reader reader)
    implements VersionLoader.Loading {

  @Override
  public InferenceModel load(
      ModelPackage found, Precision precision, MemoryBudget budget, @Nullable InferenceModel before)
      throws IOException {
    return precision.load(found.onnx(), options, budget, before);
  }

  @Override
  public Processing processing(ModelPackage found, InferenceModel model) throws IOException {
    return reader.processing(found, model.inputs(), model.outputs());
  }
}
