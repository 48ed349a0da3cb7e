/**
 * Rewriting graphs so that they say the same with fewer and larger operators.
 *
 * <p>Read {@link dev.nagare.graph.pass.Passes} first: it has the list and its order. A pass is one
 * file. Most are {@link dev.nagare.graph.pass.Rewriting}s: a rule that looks at one node and what
 * leads to it, and answers a value to have in its place. Passes that change weights only add nodes
 * between constants; {@link dev.nagare.graph.pass.FoldConstants} runs those and remembers how
 * ({@link dev.nagare.graph.pass.Derivation}), so that another version of the weights can follow.
 */
@NullMarked
package dev.nagare.graph.pass;

import org.jspecify.annotations.NullMarked;
