package dev.nagare.streaming.batch;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.tensor.Idle;

/**
 * The sessions of one model that no lane is using now. They belong to the model and not to the
 * lanes, so that they end with it. Safe for any thread; nothing here blocks or allocates.
 */
final class Sessions implements AutoCloseable {
  private final InferenceModel model;
  private final Idle<InferenceModel.Session> idle = new Idle<>();

  Sessions(InferenceModel model) {
    this.model = model;
  }

  /** Opens so many beforehand. */
  void prepare(int count) {
    for (int i = 0; i < count; i++) {
      giveBack(model.open());
    }
  }

  /** A session, for this thread until it is given back. */
  InferenceModel.Session take() {
    InferenceModel.Session there = idle.take();
    return there == null ? model.open() : there;
  }

  void giveBack(InferenceModel.Session session) {
    idle.giveBack(session);
  }

  /** Ends those that are here, which are all once nobody needs the model. */
  @Override
  public void close() {
    for (var session = idle.take(); session != null; session = idle.take()) {
      session.close();
    }
  }
}
