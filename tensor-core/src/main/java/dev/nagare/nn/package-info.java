/**
 * Layers and their parameters, one layer per file.
 *
 * <p>Read {@link dev.nagare.nn.Module} first, then {@link dev.nagare.nn.Lstm}. Names, defaults and
 * formulas follow PyTorch; each layer says where it differs.
 */
@NullMarked
package dev.nagare.nn;

import org.jspecify.annotations.NullMarked;
