package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds the expression of named sizes that two numbers are, which a size was in two runs: a number,
 * {@code a·name + b}, or a multiple of a product of two names.
 */
final class TracedSizes {
  private record Candidate(Dim dim, long here, long there) {}

  private final Map<String, Long> here;
  private final Map<String, Long> there;
  private final List<Candidate> products = new ArrayList<>();

  TracedSizes(Map<String, Long> here, Map<String, Long> there) {
    this.here = here;
    this.there = there;
    List<Candidate> names = new ArrayList<>();
    new TreeMap<>(here)
        .forEach((name, size) -> names.add(new Candidate(Dim.named(name), size, at(name))));
    products.addAll(names);
    for (int i = 0; i < names.size(); i++) {
      for (int j = i + 1; j < names.size(); j++) {
        Candidate a = names.get(i);
        Candidate b = names.get(j);
        products.add(new Candidate(a.dim.times(b.dim), a.here * b.here, a.there * b.there));
      }
    }
  }

  private long at(String name) {
    Long size = there.get(name);
    if (size == null) {
      throw new IllegalStateException("size " + name + " has a number in one run only");
    }
    return size;
  }

  /** The expression. */
  Dim of(long one, long other) {
    if (one == other) {
      return Dim.of(one);
    }
    for (Candidate candidate : products) { // multiples first: they are what reshapes make
      if (one % candidate.here == 0
          && other % candidate.there == 0
          && one / candidate.here == other / candidate.there) {
        return candidate.dim.times(one / candidate.here);
      }
    }
    for (Candidate candidate : products) {
      long run = candidate.there - candidate.here;
      if ((other - one) % run == 0 && candidate.dim.equals(Dim.named(candidate.dim.toString()))) {
        long slope = (other - one) / run;
        return candidate.dim.times(slope).plus(one - slope * candidate.here);
      }
    }
    throw TensorException.mismatch(
        "trace: a size is "
            + one
            + " at "
            + here
            + " and "
            + other
            + " at "
            + there
            + ", which is no expression of them");
  }
}
