/** Tests of the wiring, and the fakes that stand in for the streaming side. */
@NullMarked
package dev.nagare.server;

import org.jspecify.annotations.NullMarked;
