module @jit_nbody_leapfrog attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<12x3xf64>, %arg1: tensor<12x3xf64>, %arg2: tensor<12xf64>) -> (tensor<12x3xf64> {jax.result_info = "result[0]"}, tensor<12x3xf64> {jax.result_info = "result[1]"}) {
    %c = stablehlo.constant dense<0> : tensor<i64>
    %c_0 = stablehlo.constant dense<0> : tensor<i64>
    %0:5 = stablehlo.while(%iterArg = %arg2, %iterArg_1 = %c_0, %iterArg_2 = %c, %iterArg_3 = %arg0, %iterArg_4 = %arg1) : tensor<12xf64>, tensor<i64>, tensor<i64>, tensor<12x3xf64>, tensor<12x3xf64>
    cond {
      %c_5 = stablehlo.constant dense<20> : tensor<i64>
      %1 = stablehlo.compare LT, %iterArg_1, %c_5, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %c_5 = stablehlo.constant dense<1> : tensor<i64>
      %1 = stablehlo.add %iterArg_2, %c_5 : tensor<i64>
      %2 = stablehlo.broadcast_in_dim %iterArg_3, dims = [1, 2] : (tensor<12x3xf64>) -> tensor<1x12x3xf64>
      %3 = stablehlo.broadcast_in_dim %iterArg_3, dims = [0, 2] : (tensor<12x3xf64>) -> tensor<12x1x3xf64>
      %4 = stablehlo.broadcast_in_dim %2, dims = [0, 1, 2] : (tensor<1x12x3xf64>) -> tensor<12x12x3xf64>
      %5 = stablehlo.broadcast_in_dim %3, dims = [0, 1, 2] : (tensor<12x1x3xf64>) -> tensor<12x12x3xf64>
      %6 = stablehlo.subtract %4, %5 : tensor<12x12x3xf64>
      %7 = stablehlo.multiply %6, %6 : tensor<12x12x3xf64>
      %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
      %8 = stablehlo.reduce(%7 init: %cst) applies stablehlo.add across dimensions = [2] : (tensor<12x12x3xf64>, tensor<f64>) -> tensor<12x12xf64>
      %cst_6 = stablehlo.constant dense<1.000000e-02> : tensor<f64>
      %9 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f64>) -> tensor<12x12xf64>
      %10 = stablehlo.add %8, %9 : tensor<12x12xf64>
      %11 = stablehlo.rsqrt %10 : tensor<12x12xf64>
      %12 = stablehlo.broadcast_in_dim %iterArg, dims = [1] : (tensor<12xf64>) -> tensor<1x12x1xf64>
      %13 = stablehlo.broadcast_in_dim %12, dims = [0, 1, 2] : (tensor<1x12x1xf64>) -> tensor<12x12x3xf64>
      %14 = stablehlo.multiply %13, %6 : tensor<12x12x3xf64>
      %15 = stablehlo.multiply %11, %11 : tensor<12x12xf64>
      %16 = stablehlo.multiply %15, %11 : tensor<12x12xf64>
      %17 = stablehlo.broadcast_in_dim %16, dims = [0, 1] : (tensor<12x12xf64>) -> tensor<12x12x1xf64>
      %18 = stablehlo.broadcast_in_dim %17, dims = [0, 1, 2] : (tensor<12x12x1xf64>) -> tensor<12x12x3xf64>
      %19 = stablehlo.multiply %14, %18 : tensor<12x12x3xf64>
      %cst_7 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
      %20 = stablehlo.reduce(%19 init: %cst_7) applies stablehlo.add across dimensions = [1] : (tensor<12x12x3xf64>, tensor<f64>) -> tensor<12x3xf64>
      %cst_8 = stablehlo.constant dense<5.000000e-03> : tensor<f64>
      %21 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f64>) -> tensor<12x3xf64>
      %22 = stablehlo.multiply %21, %20 : tensor<12x3xf64>
      %23 = stablehlo.add %iterArg_4, %22 : tensor<12x3xf64>
      %cst_9 = stablehlo.constant dense<1.000000e-02> : tensor<f64>
      %24 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f64>) -> tensor<12x3xf64>
      %25 = stablehlo.multiply %24, %23 : tensor<12x3xf64>
      %26 = stablehlo.add %iterArg_3, %25 : tensor<12x3xf64>
      %27 = stablehlo.broadcast_in_dim %26, dims = [1, 2] : (tensor<12x3xf64>) -> tensor<1x12x3xf64>
      %28 = stablehlo.broadcast_in_dim %26, dims = [0, 2] : (tensor<12x3xf64>) -> tensor<12x1x3xf64>
      %29 = stablehlo.broadcast_in_dim %27, dims = [0, 1, 2] : (tensor<1x12x3xf64>) -> tensor<12x12x3xf64>
      %30 = stablehlo.broadcast_in_dim %28, dims = [0, 1, 2] : (tensor<12x1x3xf64>) -> tensor<12x12x3xf64>
      %31 = stablehlo.subtract %29, %30 : tensor<12x12x3xf64>
      %32 = stablehlo.multiply %31, %31 : tensor<12x12x3xf64>
      %cst_10 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
      %33 = stablehlo.reduce(%32 init: %cst_10) applies stablehlo.add across dimensions = [2] : (tensor<12x12x3xf64>, tensor<f64>) -> tensor<12x12xf64>
      %cst_11 = stablehlo.constant dense<1.000000e-02> : tensor<f64>
      %34 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f64>) -> tensor<12x12xf64>
      %35 = stablehlo.add %33, %34 : tensor<12x12xf64>
      %36 = stablehlo.rsqrt %35 : tensor<12x12xf64>
      %37 = stablehlo.broadcast_in_dim %iterArg, dims = [1] : (tensor<12xf64>) -> tensor<1x12x1xf64>
      %38 = stablehlo.broadcast_in_dim %37, dims = [0, 1, 2] : (tensor<1x12x1xf64>) -> tensor<12x12x3xf64>
      %39 = stablehlo.multiply %38, %31 : tensor<12x12x3xf64>
      %40 = stablehlo.multiply %36, %36 : tensor<12x12xf64>
      %41 = stablehlo.multiply %40, %36 : tensor<12x12xf64>
      %42 = stablehlo.broadcast_in_dim %41, dims = [0, 1] : (tensor<12x12xf64>) -> tensor<12x12x1xf64>
      %43 = stablehlo.broadcast_in_dim %42, dims = [0, 1, 2] : (tensor<12x12x1xf64>) -> tensor<12x12x3xf64>
      %44 = stablehlo.multiply %39, %43 : tensor<12x12x3xf64>
      %cst_12 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
      %45 = stablehlo.reduce(%44 init: %cst_12) applies stablehlo.add across dimensions = [1] : (tensor<12x12x3xf64>, tensor<f64>) -> tensor<12x3xf64>
      %cst_13 = stablehlo.constant dense<5.000000e-03> : tensor<f64>
      %46 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f64>) -> tensor<12x3xf64>
      %47 = stablehlo.multiply %46, %45 : tensor<12x3xf64>
      %48 = stablehlo.add %23, %47 : tensor<12x3xf64>
      %c_14 = stablehlo.constant dense<1> : tensor<i64>
      %49 = stablehlo.add %iterArg_1, %c_14 : tensor<i64>
      stablehlo.return %iterArg, %49, %1, %26, %48 : tensor<12xf64>, tensor<i64>, tensor<i64>, tensor<12x3xf64>, tensor<12x3xf64>
    }
    return %0#3, %0#4 : tensor<12x3xf64>, tensor<12x3xf64>
  }
}
