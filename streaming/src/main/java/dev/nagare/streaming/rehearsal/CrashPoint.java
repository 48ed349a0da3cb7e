package dev.nagare.streaming.rehearsal;

/** The points of the learner's protocol where a process may die and nothing may be lost. */
public enum CrashPoint {
  /** The model has learned a record; nothing outside knows. */
  MID_STEP,
  /** A version is about to answer. */
  BEFORE_PUBLICATION,
  /** A version answers. */
  AFTER_PUBLICATION,
  /** Outputs were sent, their transaction is open. */
  BEFORE_OUTPUT_COMMIT,
  /** Outputs and their offsets are committed; no checkpoint has them. */
  AFTER_OUTPUT_COMMIT,
  /** A checkpoint's file is written, the disk may not have it. */
  BEFORE_FSYNC,
  /** The disk has the checkpoint, under its temporary name. */
  AFTER_FSYNC,
  /** The file is about to get its name. */
  BEFORE_RENAME,
  /** The file has its name; the registry does not know it. */
  AFTER_RENAME,
  /** No chunk of the checkpoint is in the snapshots topic. */
  BEFORE_UPLOAD,
  /** Some chunks are sent, their transaction is open. */
  MID_UPLOAD,
  /** All chunks are committed; the registry does not know them. */
  AFTER_UPLOAD,
  /** The registry's record is sent, its transaction is open. */
  BEFORE_COMMIT,
  /** The registry has the checkpoint; superseded files are still there. */
  AFTER_COMMIT
}
