/* SPDX-License-Identifier: Apache-2.0
 *
 * chance.c - all chance in the simulated world, from one seed (splitmix64).
 */
#include "test/simulation/simulation.h"

uint64_t
chance_next(struct chance *chance)
{
	uint64_t z = chance->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

unsigned
chance_below(struct chance *chance, unsigned below)
{
	return (unsigned)(chance_next(chance) % below);
}

bool
chance_is(struct chance *chance, unsigned percent)
{
	return chance_below(chance, 100) < percent;
}
