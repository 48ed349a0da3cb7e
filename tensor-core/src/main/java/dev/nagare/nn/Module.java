package dev.nagare.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A part of a model with parameters of its own, and parts in it.
 *
 * <p>A layer adds a {@code forward} of its own; there is none here, since layers differ in what
 * they take and give. Not thread-safe. Counterpart: {@code torch.nn.Module}.
 */
@SuppressWarnings("JavaLangClash") // the word that everybody who trains networks knows
public abstract class Module {
  private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();

  /** Creates a module without parameters. */
  protected Module() {}

  /** Adds a parameter under its name. */
  protected final Parameter register(Parameter parameter) {
    add(parameter.name(), parameter);
    return parameter;
  }

  /** Adds a part; its parameters are called {@code name.parameter} from here. */
  protected final <M extends Module> M register(String name, M part) {
    part.namedParameters().forEach((inner, parameter) -> add(name + "." + inner, parameter));
    return part;
  }

  private void add(String name, Parameter parameter) {
    if (parameters.putIfAbsent(name, parameter) != null) {
      throw new IllegalArgumentException("module: there is a parameter " + name + " already");
    }
  }

  /** All parameters by name, in the order they were registered; a copy. */
  public final Map<String, Parameter> namedParameters() {
    return new LinkedHashMap<>(parameters);
  }

  /** All parameters, in the order they were registered; a copy. */
  public final List<Parameter> parameters() {
    return new ArrayList<>(parameters.values());
  }

  /**
   * The parameter of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public final Parameter parameter(String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException(
          "module: no parameter " + name + ", there are " + parameters.keySet());
    }
    return parameter;
  }
}
