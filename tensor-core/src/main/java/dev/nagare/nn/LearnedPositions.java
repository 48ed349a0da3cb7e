package dev.nagare.nn;

import dev.nagare.autograd.Positions;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Normal;

/**
 * Adds a learned row to each step: {@code y[n, t] = x[n, t] + weight[t]}.
 *
 * <p>Shapes: {@code [N, T, E] -> [N, T, E]}, T at most the longest; weight {@code [L, E]}. Dtypes:
 * F32, F64. Gradient: to input and weight. Source: Gehring et al. (2017); in PyTorch a {@code
 * torch.nn.Embedding} of the step's number.
 */
public final class LearnedPositions extends Module {
  private final Parameter weight;

  /** Creates a table that starts normal with mean 0 and deviation 0.02, as BERT's and GPT-2's. */
  public LearnedPositions(ParameterFactory factory, int longest, int features) {
    weight = register(factory.create("weight", new Normal(0, 0.02), longest, features));
  }

  /** Adds the rows from step 0 on. */
  public Variable forward(Variable x) {
    return forward(x, 0);
  }

  /** Adds the rows from a step on: x is a piece of a longer sequence. */
  public Variable forward(Variable x, long first) {
    return Positions.apply(x, weight, first);
  }
}
