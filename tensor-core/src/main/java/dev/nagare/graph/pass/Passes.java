package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * All passes, in their order, until none of them changes anything.
 *
 * <pre>{@code
 * Passes.Optimised fast = Passes.inference(imported, kernels, memory);
 * fast.graph();        // for a plan
 * fast.derivation();   // what to compute anew when parameters change
 * }</pre>
 */
public final class Passes {
  /** Rounds after which a list of passes that still changes something is a fault. */
  private static final int MOST_ROUNDS = 32;

  private Passes() {}

  /**
   * A graph for inference, and how its constants follow from the parameters.
   *
   * @param graph says the same as the original, up to rounding
   * @param derivation of the constants that are not in the original
   */
  public record Optimised(Graph graph, Derivation derivation) {}

  /**
   * A copy for inference.
   *
   * @param kernels what folds constants
   * @param memory where constants lie that are not in the original, as long as the copy is used
   */
  public static Optimised inference(Graph graph, Kernels kernels, Memory memory) {
    Graph copy = graph.copy();
    var derivation = new Derivation();
    fixedPoint(copy, plain(kernels, memory, derivation));
    fixedPoint(copy, folding(kernels, memory, derivation));
    fixedPoint(copy, standard(kernels, memory, derivation));
    return new Optimised(copy, derivation);
  }

  /** Passes that take away what is not needed and recognise what was exported in pieces. */
  public static List<Pass> plain(Kernels kernels, Memory memory, Derivation derivation) {
    return List.of(
        new RemoveDeadCode(),
        new FoldConstants(kernels, memory, derivation),
        new RemoveIdentities(),
        new MergeReshapes(),
        new MergeTransposes(),
        new MergeDuplicates(),
        new FuseActivations(),
        new FuseLayerNorm(),
        new FuseAttention());
  }

  /** Passes after the {@link #plain} ones, lest a piece is taken away: what weights can take in. */
  public static List<Pass> folding(Kernels kernels, Memory memory, Derivation derivation) {
    var passes = new ArrayList<>(plain(kernels, memory, derivation));
    passes.add(new FuseLinear());
    passes.add(new FoldBatchNorm(memory));
    passes.add(new FoldAffine());
    passes.add(new PackProjections());
    return List.copyOf(passes);
  }

  /** All passes; what weights can take in must be in them, lest it becomes a post-op. */
  public static List<Pass> standard(Kernels kernels, Memory memory, Derivation derivation) {
    var passes = new ArrayList<>(folding(kernels, memory, derivation));
    passes.add(new FusePostOps());
    return List.copyOf(passes);
  }

  /**
   * Runs passes in their order, again and again, until a round changes nothing.
   *
   * @throws IllegalStateException if that does not come to an end
   */
  public static void fixedPoint(Graph graph, List<Pass> passes) {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      boolean changed = false;
      String last = "";
      for (Pass pass : passes) {
        if (pass.apply(graph)) {
          changed = true;
          last = pass.name();
        }
      }
      if (!changed) {
        return;
      }
      if (round == MOST_ROUNDS - 1) {
        throw new IllegalStateException(
            "graph " + graph.name() + ": " + last + " still changes it after " + round + " rounds");
      }
    }
  }
}
