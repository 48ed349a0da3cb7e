package dev.nagare.streaming.batch;

import dev.nagare.models.inference.InferenceModel;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The sessions of one model that no lane is using now. They belong to the model and not to the
 * lanes, so that they end with it. Safe for any thread; nothing here blocks or allocates.
 */
final class Sessions implements AutoCloseable {
  /** More than lanes that run one model at once; who comes beyond opens and closes its own. */
  private static final int MOST = 64;

  private final InferenceModel model;
  private final AtomicReferenceArray<InferenceModel.Session> idle =
      new AtomicReferenceArray<>(MOST);

  Sessions(InferenceModel model) {
    this.model = model;
  }

  /** Opens so many beforehand. */
  void prepare(int count) {
    for (int i = 0; i < Math.min(count, MOST); i++) {
      giveBack(model.open());
    }
  }

  /** A session, for this thread until it is given back. */
  InferenceModel.Session take() {
    for (int i = 0; i < MOST; i++) {
      if (idle.get(i) != null) {
        InferenceModel.Session taken = idle.getAndSet(i, null);
        if (taken != null) {
          return taken;
        }
      }
    }
    return model.open();
  }

  void giveBack(InferenceModel.Session session) {
    for (int i = 0; i < MOST; i++) {
      if (idle.get(i) == null && idle.compareAndSet(i, null, session)) {
        return;
      }
    }
    session.close();
  }

  /** Ends those that are here, which are all once nobody needs the model. */
  @Override
  public void close() {
    for (int i = 0; i < MOST; i++) {
      InferenceModel.Session session = idle.getAndSet(i, null);
      if (session != null) {
        session.close();
      }
    }
  }
}
