// Polynomials and constants of functions that are formulas. Made by scripts/formula_coefficients.py, which
// says how; not edited by hand. Lowest coefficient first; errors are relative unless said.
#ifndef IR_PRIMITIVES_FORMULA_COEFFICIENTS_H
#define IR_PRIMITIVES_FORMULA_COEFFICIENTS_H

// (2^r - 1) / r for |r| <= 1/2; error below 2^-25.9
static const double fm_exp2_f32[] = {
    0x1.62e43p-1, 0x1.ebfbdcp-3, 0x1.c6aee8p-5, 0x1.3b2d4ep-7,
    0x1.5f3e52p-10, 0x1.41fba2p-13,
};
// (2^r - 1) / r for |r| <= 1/2; error below 2^-55.0
static const double fm_exp2_f64[] = {
    0x1.62e42fefa39efp-1, 0x1.ebfbdff82c5a4p-3, 0x1.c6b08d7049fe8p-5, 0x1.3b2ab6fba011bp-7,
    0x1.5d87fe78cd6d3p-10, 0x1.4309130ed8abcp-13, 0x1.ffcbfba97cad9p-17, 0x1.62bfc79d85be2p-20,
    0x1.b5267ceccdb65p-24, 0x1.e61b4f58bbb6p-28, 0x1.e79ba00d7b90ep-32,
};
// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2; error below 2^-60.2
static const double fm_exp_f64[] = {
    0x1p-1, 0x1.555555555555bp-3, 0x1.5555555555502p-5, 0x1.111111110ec1cp-7,
    0x1.6c16c16c307cdp-10, 0x1.a01a01b39814ep-13, 0x1.a01a0135e84fp-16, 0x1.71ddefdeab66ap-19,
    0x1.27e5b5187f3bfp-22, 0x1.af6c5d87d7e72p-26, 0x1.1e3ca443c0373p-29,
};
// (2 atanh(s) - 2 s - 2/3 s^3) / s^5 in z = s^2; error below 2^-66.7
static const double fm_log_tail_f64[] = {
    0x1.999999999999ap-2, 0x1.249249249246fp-2, 0x1.c71c71c72271ap-3, 0x1.745d174182328p-3,
    0x1.3b13b310a6d91p-3, 0x1.11109484980fap-3, 0x1.e20b74c9bab94p-4, 0x1.aaec9f487d6d2p-4,
    0x1.c31708b9e361p-4,
};
// m^(-1/3) for m between sqrt(1/2) and sqrt(2); error below 2^-11.9
static const double fm_cbrt_start[] = {
    0x1.bb0fc6p+0, -0x1.4925aep+0, 0x1.6d3ae4p-1, -0x1.44b064p-3,
};
// ln 2; the first times an exponent is exact
static const double fm_ln2_f64[] = {
    0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45};
// (asin(x) - x) / x^3 in z = x^2, z <= 0.25; error below 2^-27.4
static const double fm_asin_f32[] = {
    0x1.5555c8p-3, 0x1.3301ecp-4, 0x1.747dbep-5, 0x1.8c2c06p-6,
    0x1.596b12p-5,
};
// (asin(x) - x) / x^3 in z = x^2, z <= 0.25; error below 2^-55.8
static const double fm_asin_f64[] = {
    0x1.555555555539p-3, 0x1.333333336e7bep-4, 0x1.6db6db427d45dp-5, 0x1.f1c72c38185a5p-6,
    0x1.6e89f45414512p-6, 0x1.1c6be08966e59p-6, 0x1.c6fdd690ff079p-7, 0x1.8ec279f17d265p-7,
    0x1.abd39442f5f37p-8, 0x1.3ff1e6f052e11p-6, -0x1.09cf01069af16p-6, 0x1.056c0e754a729p-5,
};
// (atan(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-25.6
static const double fm_atan_f32[] = {
    -0x1.555552p-2, 0x1.9997ep-3, -0x1.247374p-3, 0x1.c4f1dcp-4,
    -0x1.68e6e6p-4, 0x1.14229p-4, -0x1.6e1904p-5, 0x1.714a18p-6,
    -0x1.df952ep-8, 0x1.23f7bep-10,
};
// (atan(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-55.3
static const double fm_atan_f64[] = {
    -0x1.5555555555554p-2, 0x1.99999999996f8p-3, -0x1.24924924858bfp-3, 0x1.c71c71c326da9p-4,
    -0x1.745d16e655053p-4, 0x1.3b13ab3b97331p-4, -0x1.1110ccabb46e9p-4, 0x1.e1dd5f7ffcf88p-5,
    -0x1.af0b5eed4af74p-5, 0x1.8586229072a85p-5, -0x1.61e2b4ec94dfep-5, 0x1.4047cc0b645ep-5,
    -0x1.1bdbabb6e6758p-5, 0x1.dfa5364a53ffap-6, -0x1.750773b495a73p-6, 0x1.00c62b48061bap-6,
    -0x1.2c4b7e2bd86bap-7, 0x1.1d90281ba789p-8, -0x1.a364555ff84dap-10, 0x1.bad051748b1ddp-12,
    -0x1.298b1e8b733fap-14, 0x1.7cdcc19470066p-18,
};
// (sinh(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-25.2
static const double fm_sinh_f32[] = {
    0x1.555598p-3, 0x1.10f77cp-7, 0x1.ab3c74p-13,
};
// (sinh(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-56.6
static const double fm_sinh_f64[] = {
    0x1.5555555555556p-3, 0x1.11111111110a6p-7, 0x1.a01a01a02899cp-13, 0x1.71de3a465b2dcp-19,
    0x1.ae64671b0d464p-26, 0x1.611a5621e1da9p-33, 0x1.b4c7596d1109cp-41,
};
// (asinh(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-57.5
static const double fm_asinh_f64[] = {
    -0x1.5555555555555p-3, 0x1.3333333333281p-4, -0x1.6db6db6db019dp-5, 0x1.f1c71c6fabbcep-6,
    -0x1.6e8ba2b5c43f8p-6, 0x1.1c4ec1b6c41abp-6, -0x1.c9995041ed0eap-7, 0x1.7a851b8d540c1p-7,
    -0x1.3fceb1cffd144p-7, 0x1.12a089c9d91b9p-7, -0x1.dcc53874d0eb6p-8, 0x1.9e902d43cbfa7p-8,
    -0x1.632ce2574b366p-8, 0x1.2402a0e41450ap-8, -0x1.bcde9244735d1p-9, 0x1.2d9ee85cd053fp-9,
    -0x1.5cf8f5a8456b2p-10, 0x1.495ea1973c997p-11, -0x1.e135abc7b49e7p-13, 0x1.fa3f04f601c95p-15,
    -0x1.53502b51d89ap-17, 0x1.b193f2ee8b137p-21,
};
// (atanh(x) - x) / x^3 in z = x^2, z <= 0.25; error below 2^-57.9
static const double fm_atanh_f64[] = {
    0x1.555555555554cp-2, 0x1.999999999b31bp-3, 0x1.24924923ca28fp-3, 0x1.c71c722a2a7e1p-4,
    0x1.745d08c4845bap-4, 0x1.3b1510379b0bfp-4, 0x1.10fa8497d5b47p-4, 0x1.e3e97ae9e207bp-5,
    0x1.9e87e431fcac9p-5, 0x1.e70c26a81ac67p-5, -0x1.4437d256f8487p-8, 0x1.6476eac9ad69bp-3,
    -0x1.8f38c3387528bp-3, 0x1.ec614f2e35d27p-3,
};
// (acosh(1 + t) / sqrt(2 t) - 1) / t for t <= 1; error below 2^-57.7
static const double fm_acosh_f64[] = {
    -0x1.5555555555539p-4, 0x1.333333333041fp-6, -0x1.6db6db6c02097p-8, 0x1.f1c71bf1145e6p-10,
    -0x1.6e8b9795aa786p-11, 0x1.1c4e1e1f5642p-12, -0x1.c98c52e97719fp-14, 0x1.7a267c8626669p-15,
    -0x1.3dd4f7a58eabdp-16, 0x1.0ac4a91d4c556p-17, -0x1.ade389b380fedp-19, 0x1.35895aaadd70bp-20,
    -0x1.65a4993fe8933p-22, 0x1.1a87929aa040dp-24, -0x1.bb268b4164236p-28,
};
// erf(x) / x - 1 in z = x^2, z <= 1; error below 2^-29.3
static const double fm_erf_f32[] = {
    0x1.06eba8p-3, -0x1.81273ep-2, 0x1.ce2cf8p-4, -0x1.b7f912p-6,
    0x1.5405cap-8, -0x1.a3f77ap-11, 0x1.496b04p-14,
};
// erf(x) / x - 1 in z = x^2, z <= 1; error below 2^-56.3
static const double fm_erf_f64[] = {
    0x1.06eba8214db69p-3, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b2p-4, -0x1.b82ce3128499ep-6,
    0x1.565bcd0db031p-8, -0x1.c02db3d8ed8efp-11, 0x1.f9a321a128767p-14, -0x1.f4d1df3a03138p-17,
    0x1.b9def1a65e775p-20, -0x1.5f1d370466edp-23, 0x1.f7a414c7f1fa1p-27, -0x1.386ac8584cc6dp-30,
    0x1.0579be230d8acp-34,
};
// log(erfc(x)) for x between 1 and 4; the error is that of erfc; error below 2^-27.9
static const double fm_erf_far_f32[] = {
    -0x1.72e8a6p-12, -0x1.2085b2p+0, -0x1.46c586p-1, -0x1.a60a72p-4,
    0x1.6541fep-6, -0x1.814c8ap-9, 0x1.852cbcp-13,
};
// (1 + 2 x) exp(x^2) erfc(x) in t = (x - 15/4) / (x + 15/4); error below 2^-56.9
static const double fm_erfc_f64[] = {
    0x1.3ccda0b5d5dc2p+0, -0x1.1f367683f89a6p-3, 0x1.d5f29481596c4p-9, 0x1.510169d09673fp-4,
    -0x1.bda9309a27bf9p-4, 0x1.7a14188a9baa5p-4, -0x1.e0d0fa6e277f5p-5, 0x1.d0b0037d30398p-6,
    -0x1.3f603c2c294dbp-7, 0x1.cc3a0e91a0cd1p-10, 0x1.33fb1db209bffp-12, -0x1.303fa9f45a428p-12,
    0x1.b145312d29159p-15, 0x1.778dbc3e852b2p-16, -0x1.8012391cb7a94p-17, -0x1.05d389e65c581p-20,
    0x1.d72b2b3964d3cp-20, -0x1.c93a3a51ac013p-25, -0x1.19a4112708a9p-22, 0x1.35039d09c2444p-26,
    0x1.59933ab4e826dp-25, 0x1.28f4861664a29p-33, -0x1.4b4af10aa7b13p-28, -0x1.f38731bd62f66p-31,
};
static const double fm_erfc_f64_low = 0x1.eeae9413c3dcep-54;
// erf_inv(x) / x - 1 in z = x^2, z <= 9/16; error below 2^-27.6
static const double fm_erf_inv_f32[] = {
    -0x1.d203b6p-4, 0x1.db29c2p-3, 0x1.054b3cp-3, 0x1.5f6a4ep-4,
    0x1.33b158p-4, -0x1.b8d352p-6, 0x1.a9faa2p-2, -0x1.125184p+0,
    0x1.06e74p+1, -0x1.097d8p+1, 0x1.02be5p+0,
};
// erf_inv(x) / x - 1 in z = x^2, z <= 9/16; error below 2^-56.5
static const double fm_erf_inv_f64[] = {
    -0x1.d203b725884abp-4, 0x1.db29fb2fee605p-3, 0x1.053c2c0ab6619p-3, 0x1.62847c4ab213fp-4,
    0x1.0a1317d533b47p-4, 0x1.a7c89fcdd753ap-5, 0x1.5ee381c338b4ap-5, 0x1.2b56e69b27447p-5,
    0x1.f4a8fa32c1c2cp-6, 0x1.50226d6e61dep-5, -0x1.786d7ef3d4cf6p-4, 0x1.b266bb89d5f44p-1,
    -0x1.282cec4d6cf4bp+2, 0x1.503f3ef817888p+4, -0x1.316f63cc2ba4cp+6, 0x1.bf8b7048495e8p+7,
    -0x1.0707503eafd33p+9, 0x1.ec62740a59015p+9, -0x1.69f425c83c822p+10, 0x1.98fb98bad6169p+10,
    -0x1.56fb9c8b2cb26p+10, 0x1.92a18486df8a5p+9, -0x1.27c76f8e198e9p+8, 0x1.9aeed19153709p+5,
};
// erf_inv(x) / x in w - 2.875, w = -log(1 - x^2) up to 5; error below 2^-27.5
static const double fm_erf_inv_near_f32[] = {
    0x1.97df4p+0, 0x1.f1b6acp-3, -0x1.624acep-8, -0x1.ea89bap-11,
    0x1.a8f0cap-13, -0x1.799c88p-17, -0x1.25f49cp-19, 0x1.f7b624p-22,
    -0x1.9cc47ap-28, -0x1.c88a4ap-28,
};
static const double fm_erf_inv_near_f32_low = -0x1.72dfaf39f5982p-25;
static const double fm_erf_inv_near_f32_shift = 2.875;
// erf_inv(x) / x in sqrt(w) - 3.125, w = -log(1 - x^2) up to 17; error below 2^-25.7
static const double fm_erf_inv_far_f32[] = {
    0x1.7aaa3cp+1, 0x1.00f3b4p+0, 0x1.cde7c8p-8, -0x1.5b58f2p-8,
    0x1.f0fa58p-9, -0x1.4b0f56p-9, 0x1.4dd706p-10, -0x1.49676p-12,
    -0x1.ed5bb4p-14, 0x1.0354cap-13, -0x1.ef2c04p-16,
};
static const double fm_erf_inv_far_f32_low = 0x1.a1c0da1935728p-28;
static const double fm_erf_inv_far_f32_shift = 3.125;
// erf_inv(x) / x in w - 3.375, w = -log(1 - x^2) up to 6; error below 2^-55.7
static const double fm_erf_inv_near_f64[] = {
    0x1.b69b3b48e2406p+0, 0x1.e567857cc6eebp-3, -0x1.ab6328118b20ap-8, -0x1.272ea534364d8p-11,
    0x1.6100521738534p-13, -0x1.02679a0470692p-16, -0x1.6cf9583fec46dp-21, 0x1.805fecb0ea5fdp-22,
    -0x1.31308f848a59p-25, -0x1.d58afd1ec8096p-30, 0x1.d8db84ffc566cp-31, -0x1.63cee20354585p-34,
    -0x1.68ae21fee8a73p-38, 0x1.2d61865e91814p-39, -0x1.9eb29e88843f8p-43, -0x1.1a02df35933d7p-46,
    0x1.8ec389941e546p-48, -0x1.d88df0abd6064p-52, -0x1.17c9ea80b3da3p-54, 0x1.f69ad70c397e1p-57,
    0x1.d58ccf2a90212p-65, -0x1.61d566d9a0a11p-63,
};
static const double fm_erf_inv_near_f64_low = 0x1.05d7452734c9fp-57;
static const double fm_erf_inv_near_f64_shift = 3.375;
// erf_inv(x) / x in sqrt(w) - 3.25, w = -log(1 - x^2) up to 16; error below 2^-55.4
static const double fm_erf_inv_middle_f64[] = {
    0x1.8abcc380d5a48p+1, 0x1.0158a6d641d55p+0, 0x1.5ffcfe5b6cb6ap-8, -0x1.ebadabba0387fp-9,
    0x1.468eeca952d86p-9, -0x1.ba9240d84111bp-10, 0x1.f3cc545855f5fp-11, -0x1.7448bcd597cfdp-12,
    0x1.932e97ce2e05cp-16, 0x1.1e6abd81df281p-14, -0x1.8cf47ed8b38b4p-15, 0x1.a2418a5348c71p-17,
    0x1.89a1d26cdf835p-19, -0x1.0b78919eeeaa7p-18, 0x1.8d9193b020ff5p-20, -0x1.dcb07e40fbc24p-26,
    -0x1.06b45c05f9035p-22, 0x1.1ad5308e19646p-23, -0x1.739500323a458p-26, -0x1.07b645fc7c3bdp-26,
    0x1.10c82d387a581p-27,
};
static const double fm_erf_inv_middle_f64_low = -0x1.8d29004ee3e47p-54;
static const double fm_erf_inv_middle_f64_shift = 3.25;
// erf_inv(x) / x in sqrt(w) - 5.0, w = -log(1 - x^2) up to 37; error below 2^-55.6
static const double fm_erf_inv_far_f64[] = {
    0x1.3664ddd1ad7fbp+2, 0x1.02a30d1fba10bp+0, -0x1.22ea5df1ccf66p-13, -0x1.c2f36aa169008p-13,
    0x1.3ebf4efb59103p-14, -0x1.4a34903c20d04p-16, 0x1.2fbcfd5b0d7c2p-18, -0x1.0a9037cfbde86p-20,
    0x1.ebe33b5532a48p-23, -0x1.2237345705b3p-24, 0x1.f2868dc9d4916p-26, -0x1.05710d97db88dp-26,
    0x1.0cc84c8eb172p-27, -0x1.e4d27e8e8123dp-29, 0x1.69672b1beefe9p-30, -0x1.a958f133e9ba3p-32,
    0x1.34efeb59df1e5p-34, 0x1.38c03a3d2e0a1p-36, -0x1.696fd21295be7p-36, 0x1.70b3d352b50cdp-38,
};
static const double fm_erf_inv_far_f64_low = -0x1.6f0d539043c18p-54;
static const double fm_erf_inv_far_f64_shift = 5.0;
// y (lgamma(y) - (y - 1/2) log y + y - log(2 pi) / 2) in z = 1 / y^2, y >= 8; error below 2^-60.6
static const double fm_lgamma_f64[] = {
    0x1.5555555555555p-4, -0x1.6c16c16c1694dp-9, 0x1.a01a019da0a94p-11, -0x1.38137d44965e2p-11,
    0x1.b94e85ede1fb5p-11, -0x1.f5d9667df93dap-10, 0x1.954900778ea9fp-8, -0x1.4f025413e559fp-6,
};
// y^2 (log y - 1 / (2 y) - digamma(y)) in z = 1 / y^2, y >= 8; error below 2^-66.8
static const double fm_digamma_f64[] = {
    0x1.5555555555555p-4, -0x1.111111110f8f9p-7, 0x1.041040fb98a0ep-8, -0x1.11110584c073ep-8,
    0x1.f0735bb7e93cfp-8, -0x1.589af6936f92cp-6, 0x1.44bacc621e877p-4, -0x1.25f44427c91abp-2,
};
// (sin(pi x) / (pi x) - 1) / x^2 in z = x^2, |x| <= 1/2; error below 2^-60.5
static const double fm_half_turns_f64[] = {
    -0x1.a51a6625307d3p+0, 0x1.9f9cb402bc46cp-1, -0x1.86a8e4720db2cp-3, 0x1.ac6805cf31fd9p-6,
    -0x1.33816aa2f1fddp-9, 0x1.3747192a54934p-13, -0x1.d424067b8cb05p-18, 0x1.0faa880f8c97cp-22,
    -0x1.e75de378e21d1p-28,
};
static const double fm_half_turns_f64_low = -0x1.16a3fd008a3c3p-55;
// exp(-x) I0(x) in x - 4, x <= 8; error below 2^-47.3
static const double fm_i0e_near_f64[] = {
    0x1.a7f09f8eedf81p-3, -0x1.cedda00485e58p-6, 0x1.8322d1d89d0dbp-8, -0x1.6cb8d0c92dd9p-10,
    0x1.65c235c171fcbp-12, -0x1.5c028fe360cffp-14, 0x1.44b6194773828p-16, -0x1.1cd73ab6987bfp-18,
    0x1.d11e1433b59b1p-21, -0x1.60240f86f523p-23, 0x1.ee6f28d19cb39p-26, -0x1.427b1e767d683p-28,
    0x1.87e9ff6f13e9fp-31, -0x1.bd24b086ddc09p-34, 0x1.da079823f1b87p-37, -0x1.dafed52e9b97bp-40,
    0x1.c18f50bd3319bp-43, -0x1.9177237aca13ep-46, 0x1.513f8d6fefafcp-49, -0x1.1267e17ea7368p-52,
    0x1.bf7186f0b2c03p-56, -0x1.3c6ec9b418283p-59, 0x1.3f4e389d74e86p-63, -0x1.f672063e02d99p-67,
    0x1.55911962d63fep-69, -0x1.79651cd236eabp-73,
};
// exp(-x) I0(x) sqrt(x) in 1 / x - 1/16, x >= 8; error below 2^-52.4
static const double fm_i0e_far_f64[] = {
    0x1.9bd428ad249a5p-2, 0x1.b87969bb939e4p-5, 0x1.1daa72b57cf88p-5, 0x1.75e5ee7a0f3f3p-5,
    0x1.8e5142de2c3ecp-4, 0x1.3f498dc128fcbp-2, 0x1.7d065f90b9f86p+0, 0x1.51d7baafa3294p+3,
    0x1.735b74f891ad5p+6, 0x1.02a7faee3896p+9, -0x1.e6dd598b08b05p+12, -0x1.c925005db79bdp+17,
    -0x1.2a6dfb3d498d6p+20, 0x1.f511aaebbc051p+24, 0x1.685d3e492c946p+28, -0x1.a6d43d885667ap+31,
    -0x1.9949ac9f47c1dp+35, 0x1.22f3fa127023cp+38, 0x1.1155d6194991ep+42, -0x1.1d4bbae25f523p+44,
    -0x1.4f27b1a8f6651p+47, 0x1.1c096b947aeb1p+49,
};
// exp(-x) I1(x) / x in x - 4, x <= 8; error below 2^-48.5
static const double fm_i1e_near_f64[] = {
    0x1.6e14eb8e5d31dp-5, -0x1.f4bb071a773eap-7, 0x1.16c390ddb055ap-8, -0x1.1881379fffc73p-10,
    0x1.0530f8180f97ep-12, -0x1.c4daa5121fe4cp-15, 0x1.6df95e888c7f4p-17, -0x1.13d5f3699a34fp-19,
    0x1.84125b6627a0bp-22, -0x1.fe3d99d1e7af2p-25, 0x1.3a0c149d1e62cp-27, -0x1.6ab6b96f901c3p-30,
    0x1.89f90f8f2ef1dp-33, -0x1.93670e385c1edp-36, 0x1.86517f25d187p-39, -0x1.65c8849b45d56p-42,
    0x1.377078d91ae7cp-45, -0x1.01737935d991ep-48, 0x1.9480f6c5a24bap-52, -0x1.33a12b7655a0dp-55,
    0x1.ca1ed8de8922bp-59, -0x1.2e05229e7e19cp-62, 0x1.45eaec701ca1ap-66, -0x1.f7fed9e80ab19p-70,
    0x1.0a844d765d7d1p-72, -0x1.00f251b8bf0a4p-76,
};
// exp(-x) I1(x) sqrt(x) in 1 / x - 1/16, x >= 8; error below 2^-52.7
static const double fm_i1e_far_f64[] = {
    0x1.8ebe783a8402fp-2, -0x1.3f796198ee5dap-3, -0x1.cbc54df17ec89p-5, -0x1.f89c230cdfca3p-5,
    -0x1.ec8e193b6ad37p-4, -0x1.76136a549a41fp-2, -0x1.ad843bcc818f9p+0, -0x1.7281b1d95f4b1p+3,
    -0x1.92c507ce6ceffp+6, -0x1.20cef8f3dac0cp+9, 0x1.e6eff98582accp+12, 0x1.df2fea0d9ca12p+17,
    0x1.4e8788fe0f6c4p+20, -0x1.fdd24cb889144p+24, -0x1.81a019cdb2f94p+28, 0x1.a3ad37ec4fecbp+31,
    0x1.b050a8975cb5p+35, -0x1.1be5c7319066cp+38, -0x1.1eff864307365p+42, 0x1.148684a38ea4ep+44,
    0x1.5eccce8c3f186p+47, -0x1.13f76797dcc11p+49,
};

#endif
