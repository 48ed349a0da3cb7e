/** Tests of this package. */
@NullMarked
package dev.nagare.server.console;

import org.jspecify.annotations.NullMarked;
