package dev.nagare.streaming.rehearsal;

/**
 * Where a drill reaches into the streaming side. Every default does nothing.
 *
 * <p>Called from the learner's threads; {@link #reached} on the hot path.
 */
public interface Rehearsal {
  /** The product: nothing is rehearsed. */
  Rehearsal NONE = new Rehearsal() {};

  /** The learner of a model is at a point; a drill may end the process here. */
  default void reached(CrashPoint point) {}

  /** The file system that checkpoints are written to. */
  default FileLayer files() {
    return FileLayer.DISK;
  }

  /** The models in place of the product's; to break what a restored one remembers. */
  default OnlineModels models(OnlineModels product) {
    return product;
  }

  /** Where a learner goes on that was restored to an offset; to break the bond of both. */
  default long resumeAt(long nextOffset) {
    return nextOffset;
  }
}
