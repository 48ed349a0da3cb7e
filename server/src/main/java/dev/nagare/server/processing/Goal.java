package dev.nagare.server.processing;

/** What a caller wants of a model. */
public enum Goal {
  /** The best labels. */
  CLASSES,
  /** Vectors. */
  EMBEDDINGS
}
