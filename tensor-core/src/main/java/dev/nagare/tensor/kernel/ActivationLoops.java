package dev.nagare.tensor.kernel;

/** The loops of {@link Activations} over n elements of checked arguments, for one dtype. */
interface ActivationLoops {

  /** As {@link Activations#forward}. */
  void forward(Activations.Function f, long x, long y, long n);

  /** As {@link Activations#backward}: one fused multiply-add per element. */
  void backward(Activations.Function f, long x, long dy, long dx, long n);

  /** As {@link Activations#leakyRelu}. */
  void leakyRelu(double slope, long x, long y, long n);

  /** As {@link Activations#leakyReluBackward}: one fused multiply-add per element. */
  void leakyReluBackward(double slope, long x, long dy, long dx, long n);
}
