package dev.nagare.models.repository;

import dev.nagare.models.inference.Precision;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Processing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code model.yaml} in a model's folder says; there need not be one.
 *
 * @param versions which are served
 * @param canary tried on a part of the requests, or as a shadow on copies of them; null for none
 * @param memoryBytes most bytes that the model's versions may hold together; {@link Long#MAX_VALUE}
 *     for no limit
 * @param precision in which every version computes
 * @param reuse what of each version's answers is given more than once
 */
public record ModelFile(
    VersionPolicy versions,
    @Nullable CanaryShare canary,
    long memoryBytes,
    Precision precision,
    Reuse reuse) {
  /** The name of the file. */
  public static final String NAME = "model.yaml";

  /** What counts without a file. */
  public static final ModelFile NONE =
      new ModelFile(VersionPolicy.NEWEST, null, Long.MAX_VALUE, Precision.F32);

  /** Of versions that compute everything. */
  public ModelFile(
      VersionPolicy versions, @Nullable CanaryShare canary, long memoryBytes, Precision precision) {
    this(versions, canary, memoryBytes, precision, Reuse.NONE);
  }

  /** Reads what {@code model.yaml} says, of a model and of its versions. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Reads one of a model.
     *
     * @throws RepositoryException that lists every fault
     */
    ModelFile read(Path file) throws IOException;

    /**
     * Reads what stands before and after the model of one version: the file of the same name in the
     * folder of the version. Nothing, unless the reader knows such files.
     *
     * @param found the version
     * @param inputs of its model
     * @param outputs of its model
     * @throws IOException that lists every fault, each with its line and what was expected
     */
    default Processing processing(
        ModelPackage found, List<TensorSpec> inputs, List<TensorSpec> outputs) throws IOException {
      return Processing.NONE;
    }
  }
}
