package dev.nagare.models.inference;

/**
 * Asked before a model takes memory, of which it then holds as much until it is closed. What it
 * refuses is not allocated.
 *
 * <p>Bytes are counted where they are known beforehand: the weights once as they lie in the file
 * and once as kernels want them, and for each lane the values of the largest plan and what the
 * attention of the longest sequence needs. Not counted are the scratch of other kernels, and plans
 * of other sizes that callers ask for later.
 */
public interface MemoryBudget {
  /** Refuses nothing. */
  Meanwhile UNLIMITED =
      new Meanwhile() {
        @Override
        public void weights(long bytes) {}

        @Override
        public void plan(long bytesOfALane) {}

        @Override
        public Meanwhile meanwhile() {
          return this;
        }

        @Override
        public void close() {}
      };

  /**
   * The model is about to read and pack its weights.
   *
   * @param bytes of both
   * @throws dev.nagare.tensor.TensorException kind OUT_OF_BUDGET, with the numbers
   */
  void weights(long bytes);

  /**
   * The model is about to open its largest plan.
   *
   * @param bytesOfALane that each lane needs for values
   * @throws dev.nagare.tensor.TensorException kind OUT_OF_BUDGET, with the numbers
   */
  void plan(long bytesOfALane);

  /**
   * What another model may take, of one lane, that is there only while this one is loaded: the same
   * in F32, which it is compared with.
   */
  Meanwhile meanwhile();

  /** Of a model that soon goes again. */
  interface Meanwhile extends MemoryBudget, AutoCloseable {

    /** The model was closed: gives everything back. A second call does nothing. */
    @Override
    void close();
  }
}
