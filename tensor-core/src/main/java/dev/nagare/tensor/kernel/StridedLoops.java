package dev.nagare.tensor.kernel;

/**
 * The innermost loops of {@link Pointwise} and {@link Reductions}, for one dtype: rows of checked
 * operands, given as the address of the first element and elements from one to the next, 0 where
 * one repeats. What is called {@code out} has step 1.
 */
interface StridedLoops {

  /** As {@link Pointwise#binary}. */
  void binary(Pointwise.Function f, long a, long aStep, long b, long bStep, long out, long n);

  /** As {@link Pointwise#slope}; dy has step 1. */
  void slope(
      Pointwise.Function f,
      boolean byA,
      long a,
      long aStep,
      long b,
      long bStep,
      long dy,
      long out,
      long n);

  /** As {@link Pointwise#unary}. */
  void unary(Pointwise.Single f, long x, long out, long n);

  /** As {@link Pointwise#unaryBackward}. */
  void unaryBackward(Pointwise.Single f, long x, long y, long dy, long dx, long n);

  /** As {@link Pointwise#clamp}. */
  void clamp(double low, double high, long x, long out, long n);

  /** As {@link Pointwise#linear}. */
  void linear(double factor, double term, long x, long out, long n);

  /** As {@link Pointwise#clampBackward}. */
  void clampBackward(double low, double high, long x, long dy, long dx, long n);

  /** As {@link Pointwise#compare}; out is of bytes. */
  void compare(Pointwise.Comparison c, long a, long aStep, long b, long bStep, long out, long n);

  /** As {@link Pointwise#where}; the condition is of bytes. */
  void where(long condition, long cStep, long a, long aStep, long b, long bStep, long out, long n);

  /** {@code y += alpha · x}, element by element; y has a step that is not 0. */
  void add(double alpha, long x, long xStep, long y, long yStep, long n);

  /** {@code y += alpha · Σ x}, y being one element: {@link Loops#PARTIALS} partials in a tree. */
  void addSum(double alpha, long x, long xStep, long y, long n);

  /** {@code y = max(y, x)}, or min; what is not a number wins; y has any step. */
  void extreme(boolean max, long x, long xStep, long y, long yStep, long n);

  /** The first position of the largest, or smallest, element; what is not a number wins. */
  long argExtreme(boolean max, long x, long xStep, long n);
}
