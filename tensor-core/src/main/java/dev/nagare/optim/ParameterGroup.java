package dev.nagare.optim;

import dev.nagare.nn.Parameter;
import java.util.List;

/**
 * Parameters that an optimizer treats alike, such as weights, which decay, and biases, which do
 * not. Immutable. Counterpart: an entry of {@code param_groups}; here the rate is a factor, so that
 * one schedule serves all groups, and 0 freezes the parameters (their state still moves).
 *
 * @param parameters of the group, in the order of the state
 * @param rateFactor factor on the step's learning rate, 0 or more
 * @param weightDecay in the manner of the optimizer, 0 or more
 */
public record ParameterGroup(List<Parameter> parameters, double rateFactor, double weightDecay) {

  public ParameterGroup {
    parameters = List.copyOf(parameters);
    if (!(rateFactor >= 0 && weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "parameter group: expected a rate factor and a decay of 0 or more, got "
              + rateFactor
              + " and "
              + weightDecay);
    }
  }

  /** A group with the step's rate and no decay. */
  public static ParameterGroup of(List<Parameter> parameters) {
    return new ParameterGroup(parameters, 1, 0);
  }

  /** The same parameters with another rate factor. */
  public ParameterGroup withRateFactor(double factor) {
    return new ParameterGroup(parameters, factor, weightDecay);
  }

  /** The same parameters with another decay. */
  public ParameterGroup withWeightDecay(double decay) {
    return new ParameterGroup(parameters, rateFactor, decay);
  }
}
