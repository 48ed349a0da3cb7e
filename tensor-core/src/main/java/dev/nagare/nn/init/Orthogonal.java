package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * A random matrix with orthonormal rows, or columns where there are more rows, times a gain; a
 * weight {@code [out, in, ..]} counts as {@code [out, in · ..]}. Uniform among all such matrices.
 *
 * <p>Normal vectors are made orthonormal by Gram and Schmidt's method in f64, twice, since once
 * loses digits. Source: Saxe et al. (2014); {@code torch.nn.init.orthogonal_}.
 *
 * @param gain length of the vectors
 */
public record Orthogonal(double gain) implements Initializer {

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    if (tensor.shape().rank() < 2) {
      throw TensorException.mismatch("orthogonal: expected a weight [out, in, ..], got " + tensor);
    }
    int rows = Math.toIntExact(tensor.dim(0));
    int columns = rows == 0 ? 0 : Math.toIntExact(tensor.elements() / rows);
    boolean wide = rows <= columns;
    double[][] basis = new double[Math.min(rows, columns)][Math.max(rows, columns)];
    int[] words = new int[4];
    for (int k = 0; k < basis.length; k++) {
      double[] vector = basis[k];
      for (int j = 0; j < vector.length; j++) {
        random.words(k * vector.length + j, words);
        vector[j] = Normal.standard(words);
      }
      for (int round = 0; round < 2; round++) {
        for (int before = 0; before < k; before++) {
          add(-dot(vector, basis[before]), basis[before], vector);
        }
        add(1 / Math.sqrt(dot(vector, vector)) - 1, vector, vector);
      }
      for (int j = 0; j < vector.length; j++) {
        long at = wide ? (long) k * columns + j : (long) j * columns + k;
        tensor.set(at, gain * vector[j]);
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double factor, double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) {
      y[i] += factor * x[i];
    }
  }
}
