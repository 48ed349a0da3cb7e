package dev.nagare.models.onnx.op;

/**
 * An operator of the domain {@code ai.onnx}, as models name it: what its nodes become.
 *
 * <p>Says what its opsets have in common and where they differ. Stateless, so that any number of
 * threads may use it.
 */
public interface OnnxOperator {

  /** Its name in model files, such as {@code Transpose}. */
  String name();

  /** The first operator set that has it; not before {@link OnnxOperators#FIRST_OPSET}. */
  default int since() {
    return OnnxOperators.FIRST_OPSET;
  }

  /** The last operator set that has it. */
  default int until() {
    return OnnxOperators.LAST_OPSET;
  }

  /**
   * Adds operators to the graph that compute what a node computes, and says which values are its
   * outputs. Every attribute of the node must be read, or ignored explicitly.
   *
   * @throws dev.nagare.models.onnx.proto.OnnxException by {@link NodeReader#refuse} for what is not
   *     supported
   * @throws dev.nagare.tensor.TensorException kind MISMATCH for shapes that do not fit
   */
  void add(NodeReader node);
}
