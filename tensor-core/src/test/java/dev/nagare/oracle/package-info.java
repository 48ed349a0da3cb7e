/**
 * What libtorch says about the same numbers: the oracle of layers, losses and optimizers.
 *
 * <p>Read {@link dev.nagare.oracle.Oracle} first, then {@code ActivationOracleTest}; a new layer
 * needs a test class and no line here. Functions are given to libtorch as TorchScript source, so
 * all of ATen is at hand, not just what DJL wraps, and libtorch itself differentiates them.
 */
@NullMarked
package dev.nagare.oracle;

import org.jspecify.annotations.NullMarked;
