package dev.nagare.models.inference;

import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A model that is ready to answer. Safe for any thread; what runs it belongs to one: {@link
 * Session}.
 */
public interface InferenceModel extends AutoCloseable {

  /** What made it, such as {@code nagare_onnx}. */
  String platform();

  /** What else is to be said of it, for people, such as {@code precision} in which it computes. */
  default Map<String, String> parameters() {
    return Map.of();
  }

  /** What it takes, in the order of {@link Session#run}. */
  List<TensorSpec> inputs();

  /** What it gives. */
  List<TensorSpec> outputs();

  /**
   * What a question is to a batch.
   *
   * @param rows that it counts for
   * @param work that it is, in the model's own unit: rows, or the tokens of sequences, 1 or more
   * @param kind questions of equal kinds wait in one line
   * @param together whether questions of this kind can be answered in one run; otherwise each has a
   *     run of its own
   */
  record Size(int rows, long work, Object kind, boolean together) {

    /** Of a question that can be answered together with others of its kind. */
    public Size(int rows, long work, Object kind) {
      this(rows, work, kind, true);
    }
  }

  /**
   * What a question is to a batch; looks at the inputs, so that nobody has to later.
   *
   * @param inputs each of which {@link TensorSpec#fits}
   * @throws dev.nagare.tensor.TensorException kind MISMATCH if inputs that share a named size
   *     differ in it, or are empty
   */
  Size size(List<Tensor> inputs);

  /**
   * How many elements an output will have; nothing is computed for it.
   *
   * @param output its place in {@link #outputs}
   * @param inputs of which {@link #size} had nothing to say
   */
  default long elements(int output, List<Tensor> inputs) {
    return new OutputSizes(inputs(), outputs()).elements(output, inputs);
  }

  /**
   * Makes ready beforehand what callers of another version were in need of, where both are alike:
   * so that whoever moves from that one to this finds it as well prepared. To be called before
   * anything is opened.
   *
   * @param other that answers now
   */
  default void prepareLike(InferenceModel other) {}

  /**
   * Whether what is known of the time that the other one's runs take is true of this one's, since
   * both run the same plans.
   */
  default boolean costsLike(InferenceModel other) {
    return false;
  }

  /** What one lane needs to run this model. */
  Session open();

  /** Frees what the model holds; every session must be closed. */
  @Override
  void close();

  /** What one lane runs the model with; for one thread at a time. */
  interface Session extends AutoCloseable {

    /**
     * Answers questions of one {@link Size#kind kind}, a single one if that is not answered {@link
     * Size#together together}. A row's bits do not depend on what else is in the run.
     *
     * @param questions the inputs of each
     * @return the outputs of each, valid until the next run
     */
    List<List<Tensor>> run(List<List<Tensor>> questions);

    @Override
    void close();
  }
}
