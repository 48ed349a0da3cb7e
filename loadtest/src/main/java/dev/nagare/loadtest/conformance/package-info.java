/**
 * A black-box kit for servers of the Open Inference Protocol over HTTP: a case for each rule that
 * stock clients depend on, tried against any server by its address.
 *
 * <p>Knows the wire format only and no class of this project. Read {@link
 * dev.nagare.loadtest.conformance.Conformance} first.
 */
@NullMarked
package dev.nagare.loadtest.conformance;

import org.jspecify.annotations.NullMarked;
