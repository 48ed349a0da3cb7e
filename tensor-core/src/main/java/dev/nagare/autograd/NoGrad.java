package dev.nagare.autograd;

/** A stretch of code that records nothing; ends with {@link #close()}. */
public final class NoGrad implements AutoCloseable {
  private final Tape tape;
  private boolean closed;

  NoGrad(Tape tape) {
    this.tape = tape;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      tape.resume();
    }
  }
}
