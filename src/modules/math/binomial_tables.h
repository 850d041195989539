/* For binomial coefficients of n up to 67, all of which fit 64 bits: the odd part of i! modulo 2^64, and its inverse. In n! the prime
 * 2 occurs n - popcount(n) times. In Python: odd[i] = odd[i-1] * (i without its factors 2) % 2**64; pow(odd[i], -1, 2**64). */
#include <stdint.h>

enum { TABLE_SIZE = 68 };

static const uint64_t odd_factorials[TABLE_SIZE] = {
    0x1, 0x1, 0x1, 0x3, 0x3,
    0xf, 0x2d, 0x13b, 0x13b, 0xb13,
    0x375f, 0x26115, 0x7233f, 0x5cca33, 0x2898765,
    0x260eeeeb, 0x260eeeeb, 0x286fddd9b, 0x16beecca73, 0x1b02b930689,
    0x870d9df20ad, 0xb141df4dae31, 0x79dd498567c1b, 0xaf2e19afc5266d, 0x20d8a4d0f4f7347,
    0x335281867ec241ef, 0x9b3093d46fdd5923, 0x5e1f9767cc5866b1, 0x92dd23d6966aced7, 0xa30d0f4f0a196e5b,
    0x8dc3e5a1977d7755, 0x2ab8ce915831734b, 0x2ab8ce915831734b, 0x81d2a0bc5e5fdcab, 0x9efcac82445da75b,
    0xbc8b95cf58cde171, 0xa0e8444a1f3cecf9, 0x4191deb683ce3ffd, 0xddd3878bc84ebfc7, 0xcb39a64b83ff3751,
    0xf8203f7993fc1495, 0xbd2a2a78b35f4bdd, 0x84757be6b6d13921, 0x3fbbcfc0b524988b, 0xbd11ed47c8928df9,
    0x3c26b59e41c2f4c5, 0x677a5137e883fdb3, 0xff74e943b03b93dd, 0xfe5ebbcb10b2bb97, 0xb021f1de3235e7e7,
    0x33509eb2e743a58f, 0x390f9da41279fb7d, 0xe5cb0154f031c559, 0x93074695ba4ddb6d, 0x81c471caa636247f,
    0xe1347289b5a1d749, 0x286f21c3f76ce2ff, 0xbe84a2173e8ac7, 0x1595065ca215b88b, 0xf95877595b018809,
    0x9c2efe3c5516f887, 0x373294604679382b, 0xaf1ff7a888adcd35, 0x18ddf279a2c5800b, 0x18ddf279a2c5800b,
    0x505a90e2542582cb, 0x5bacad2cd8d5dc2b, 0xfe3152bcbff89f41,
};

static const uint64_t inverse_odd_factorials[TABLE_SIZE] = {
    0x1, 0x1, 0x1, 0xaaaaaaaaaaaaaaab, 0xaaaaaaaaaaaaaaab,
    0xeeeeeeeeeeeeeeef, 0x4fa4fa4fa4fa4fa5, 0x2ff2ff2ff2ff2ff3, 0x2ff2ff2ff2ff2ff3, 0x938cc70553e3771b,
    0xb71c27cddd93e49f, 0xb38e3229fcdee63d, 0xe684bb63544a4cbf, 0xc2f684917ca340fb, 0xf747c9cba417526d,
    0xbb26eb51d7bd49c3, 0xbb26eb51d7bd49c3, 0xb0a7efb985294093, 0xbe4b8c69f259eabb, 0x6854d17ed6dc4fb9,
    0xe1aa904c915f4325, 0x3b8206df131cead1, 0x79c6009fea76fe13, 0xd8c5d381633cd365, 0x4841f12b21144677,
    0x4a91ff68200b0d0f, 0x8f9513a58c4f9e8b, 0x2b3e690621a42251, 0x4f520f00e03c04e7, 0x2edf84ee600211d3,
    0xadcaa2764aaacdfd, 0x161f4f9033f4fe63, 0x161f4f9033f4fe63, 0xbada2932ea4d3e03, 0xcec189f3efaa30d3,
    0xf7475bb68330bf91, 0x37eb7bf7d5b01549, 0x46b35660a4e91555, 0xa567c12d81f151f7, 0x4c724007bb2071b1,
    0xf4a0cce58a016bd, 0xfa21068e66106475, 0x244ab72b5a318ae1, 0x366ce67e080d0f23, 0xd666fdae5dd2a449,
    0xd740ddd0acc06a0d, 0xb050bbbb28e6f97b, 0x70b003fe890a5c75, 0xd03aabff83037427, 0x13ec4ca72c783bd7,
    0x90282c06afdbd96f, 0x4414ddb9db4a95d5, 0xa2c68735ae6832e9, 0xbf72d71455676665, 0xa8469fab6b759b7f,
    0xc1e55b56e606caf9, 0x40455630fc4a1cff, 0x120a7b0046d16f7, 0xa7c3553b08faef23, 0x9f0bfd1b08d48639,
    0xa433ffce9a304d37, 0xa22ad1d53915c683, 0xcb6cbc723ba5dd1d, 0x547fb1b8ab9d0ba3, 0x547fb1b8ab9d0ba3,
    0x8f15a826498852e3, 0x32e1a03f38880283, 0x3de4cce63283f0c1,
};
