package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * What an argument of a prepared kernel has to be.
 *
 * @param name what it is called in an error
 * @param dtype its dtype
 * @param shape its elements; axes of a tensor may be cut in another way, or be permuted, as long as
 *     as many elements lie as densely
 * @param row elements from row to row of the last axis, where these need not be dense; 0 if they
 *     do; {@value #SPAN} if the shape is only how many elements lie from the first to the last
 */
public record Expected(String name, DType dtype, Shape shape, long row) {

  /** See {@link #row}. */
  public static final long SPAN = -1;

  /** Dense. */
  public Expected(String name, DType dtype, Shape shape) {
    this(name, dtype, shape, 0);
  }

  /** Bytes of its elements. */
  public long bytes() {
    return shape.elements() * dtype.bytes();
  }

  /**
   * Where it is.
   *
   * @throws TensorException kind MISMATCH if it is something else, CLOSED if its memory has ended
   */
  public long address(String op, Tensor x) {
    if (x.dtype() != dtype || !lies(x)) {
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " is "
              + x.dtype()
              + " "
              + x.shape()
              + ", expected "
              + dtype
              + " "
              + shape
              + (row == 0
                  ? ", dense"
                  : row == SPAN ? " to reach" : " with rows " + row + " apart"));
    }
    return x.base().address();
  }

  private boolean lies(Tensor x) {
    if (row == SPAN) {
      return x.base().byteSize() >= bytes();
    }
    if (x.elements() != shape.elements()) {
      return false;
    }
    if (row == 0) {
      return x.isDense();
    }
    long columns = shape.dim(shape.rank() - 1);
    long span = (shape.elements() / columns - 1) * row + columns;
    return x.base().byteSize() == span * dtype.bytes();
  }
}
