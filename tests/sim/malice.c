/* A device that lies: it holds a good token, and says what it likes. Whatever it says, nothing of it may come into the practice. */
#include "tests/sim/sim.h"

void malice(Sim *sim, SimNode *node, Rng *rng)
{
  (void)sim, (void)node, (void)rng;
}
