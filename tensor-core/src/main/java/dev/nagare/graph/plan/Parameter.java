package dev.nagare.graph.plan;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * A float constant of the graph in the form in which a step wants it.
 *
 * @param name of the constant
 * @param shape of the constant
 * @param form what was made of it: two parameters of one name and form have the same bytes, in
 *     whichever plan they are
 * @param bytes of that form; 0 if it is used as it is
 * @param packer makes it
 */
record Parameter(String name, Shape shape, String form, long bytes, Packer packer) {
  /** The form of a parameter that is used as it is. */
  static final String AS_IT_IS = "as it is";

  /** Brings a weight into another form. */
  @FunctionalInterface
  interface Packer {
    /**
     * Packs.
     *
     * @param weight F32
     * @param packed U8 of as many bytes as were asked for
     */
    void pack(Tensor weight, Tensor packed);
  }

  boolean isAsItIs() {
    return form.equals(AS_IT_IS);
  }
}
