/**
 * The one intermediate form of a model: named, typed values and the operators between them.
 *
 * <p>Read {@link dev.nagare.graph.Graph} first, then {@link dev.nagare.graph.Operator}. Graphs come
 * from an importer or from tracing; passes (package {@code pass}) rewrite a copy, and a plan
 * (package {@code plan}) binds one to kernels, memory and packed weights. Sizes are {@link
 * dev.nagare.graph.Dim}s, so that one graph serves every batch and every length.
 */
@NullMarked
package dev.nagare.graph;

import org.jspecify.annotations.NullMarked;
