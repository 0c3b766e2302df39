module @jit_gmm_log_likelihood_grad attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4xf64>, %arg1: tensor<4x3xf64>, %arg2: tensor<4x3xf64>, %arg3: tensor<50x3xf64>) -> (tensor<f64> {jax.result_info = "result[0]"}, tensor<4xf64> {jax.result_info = "result[1][0]"}, tensor<4x3xf64> {jax.result_info = "result[1][1]"}, tensor<4x3xf64> {jax.result_info = "result[1][2]"}) {
    %0 = stablehlo.broadcast_in_dim %arg3, dims = [0, 2] : (tensor<50x3xf64>) -> tensor<50x1x3xf64>
    %1 = stablehlo.broadcast_in_dim %arg1, dims = [1, 2] : (tensor<4x3xf64>) -> tensor<1x4x3xf64>
    %2 = stablehlo.broadcast_in_dim %0, dims = [0, 1, 2] : (tensor<50x1x3xf64>) -> tensor<50x4x3xf64>
    %3 = stablehlo.broadcast_in_dim %1, dims = [0, 1, 2] : (tensor<1x4x3xf64>) -> tensor<50x4x3xf64>
    %4 = stablehlo.subtract %2, %3 : tensor<50x4x3xf64>
    %5 = stablehlo.negate %arg2 : tensor<4x3xf64>
    %6 = stablehlo.exponential %5 : tensor<4x3xf64>
    %7 = stablehlo.broadcast_in_dim %6, dims = [1, 2] : (tensor<4x3xf64>) -> tensor<1x4x3xf64>
    %8 = stablehlo.broadcast_in_dim %7, dims = [0, 1, 2] : (tensor<1x4x3xf64>) -> tensor<50x4x3xf64>
    %9 = stablehlo.multiply %4, %8 : tensor<50x4x3xf64>
    %10 = stablehlo.multiply %9, %9 : tensor<50x4x3xf64>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %11 = stablehlo.reduce(%10 init: %cst) applies stablehlo.add across dimensions = [2] : (tensor<50x4x3xf64>, tensor<f64>) -> tensor<50x4xf64>
    %cst_0 = stablehlo.constant dense<-5.000000e-01> : tensor<f64>
    %12 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f64>) -> tensor<50x4xf64>
    %13 = stablehlo.multiply %12, %11 : tensor<50x4xf64>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %14 = stablehlo.reduce(%arg2 init: %cst_1) applies stablehlo.add across dimensions = [1] : (tensor<4x3xf64>, tensor<f64>) -> tensor<4xf64>
    %15 = stablehlo.broadcast_in_dim %14, dims = [1] : (tensor<4xf64>) -> tensor<1x4xf64>
    %16 = stablehlo.broadcast_in_dim %15, dims = [0, 1] : (tensor<1x4xf64>) -> tensor<50x4xf64>
    %17 = stablehlo.subtract %13, %16 : tensor<50x4xf64>
    %cst_2 = stablehlo.constant dense<2.756815599614018> : tensor<f64>
    %18 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f64>) -> tensor<50x4xf64>
    %19 = stablehlo.subtract %17, %18 : tensor<50x4xf64>
    %20:3 = call @log_softmax(%arg0) : (tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>, tensor<1xf64>)
    %21 = stablehlo.broadcast_in_dim %20#0, dims = [1] : (tensor<4xf64>) -> tensor<1x4xf64>
    %22 = stablehlo.broadcast_in_dim %21, dims = [0, 1] : (tensor<1x4xf64>) -> tensor<50x4xf64>
    %23 = stablehlo.add %22, %19 : tensor<50x4xf64>
    %cst_3 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %24 = stablehlo.reduce(%23 init: %cst_3) applies stablehlo.maximum across dimensions = [1] : (tensor<50x4xf64>, tensor<f64>) -> tensor<50xf64>
    %25 = stablehlo.reshape %24 : (tensor<50xf64>) -> tensor<50x1xf64>
    %26 = stablehlo.broadcast_in_dim %25, dims = [0, 1] : (tensor<50x1xf64>) -> tensor<50x4xf64>
    %27 = stablehlo.compare EQ, %23, %26, FLOAT : (tensor<50x4xf64>, tensor<50x4xf64>) -> tensor<50x4xi1>
    %28 = stablehlo.convert %27 : (tensor<50x4xi1>) -> tensor<50x4xf64>
    %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %29 = stablehlo.reduce(%28 init: %cst_4) applies stablehlo.add across dimensions = [1] : (tensor<50x4xf64>, tensor<f64>) -> tensor<50xf64>
    %cst_5 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %30 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %31 = stablehlo.maximum %30, %24 : tensor<50xf64>
    %cst_6 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %32 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %33 = stablehlo.compare GT, %24, %32, FLOAT : (tensor<50xf64>, tensor<50xf64>) -> tensor<50xi1>
    %cst_7 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %34 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %35 = stablehlo.compare EQ, %24, %34, FLOAT : (tensor<50xf64>, tensor<50xf64>) -> tensor<50xi1>
    %cst_8 = stablehlo.constant dense<1.000000e+00> : tensor<f64>
    %36 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %cst_9 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %37 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %cst_10 = stablehlo.constant dense<5.000000e-01> : tensor<f64>
    %38 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %39 = stablehlo.select %35, %38, %37 : tensor<50xi1>, tensor<50xf64>
    %40 = stablehlo.select %33, %36, %39 : tensor<50xi1>, tensor<50xf64>
    %41 = stablehlo.is_finite %31 : (tensor<50xf64>) -> tensor<50xi1>
    %cst_11 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %42 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %43 = stablehlo.select %41, %31, %42 : tensor<50xi1>, tensor<50xf64>
    %cst_12 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %44 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %45 = stablehlo.broadcast_in_dim %43, dims = [0] : (tensor<50xf64>) -> tensor<50x1xf64>
    %46 = stablehlo.broadcast_in_dim %45, dims = [0, 1] : (tensor<50x1xf64>) -> tensor<50x4xf64>
    %47 = stablehlo.subtract %23, %46 : tensor<50x4xf64>
    %48 = stablehlo.exponential %47 : tensor<50x4xf64>
    %cst_13 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %49 = stablehlo.reduce(%48 init: %cst_13) applies stablehlo.add across dimensions = [1] : (tensor<50x4xf64>, tensor<f64>) -> tensor<50xf64>
    %50 = stablehlo.sign %49 : tensor<50xf64>
    %51 = stablehlo.abs %49 : tensor<50xf64>
    %cst_14 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %52 = stablehlo.broadcast_in_dim %cst_14, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %53 = stablehlo.compare GE, %49, %52, FLOAT : (tensor<50xf64>, tensor<50xf64>) -> tensor<50xi1>
    %54 = stablehlo.log %51 : tensor<50xf64>
    %55 = stablehlo.add %54, %43 : tensor<50xf64>
    %cst_15 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %56 = stablehlo.reduce(%55 init: %cst_15) applies stablehlo.add across dimensions = [0] : (tensor<50xf64>, tensor<f64>) -> tensor<f64>
    %cst_16 = stablehlo.constant dense<5.000000e+01> : tensor<f64>
    %57 = stablehlo.divide %56, %cst_16 : tensor<f64>
    %cst_17 = stablehlo.constant dense<1.000000e+00> : tensor<f64>
    %cst_18 = stablehlo.constant dense<5.000000e+01> : tensor<f64>
    %58 = stablehlo.divide %cst_17, %cst_18 : tensor<f64>
    %59 = stablehlo.broadcast_in_dim %58, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %60 = stablehlo.divide %59, %51 : tensor<50xf64>
    %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %61 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f64>) -> tensor<50xf64>
    %62 = stablehlo.select %53, %61, %60 : tensor<50xi1>, tensor<50xf64>
    %63 = stablehlo.select %53, %60, %61 : tensor<50xi1>, tensor<50xf64>
    %64 = stablehlo.negate %62 : tensor<50xf64>
    %65 = stablehlo.add %63, %64 : tensor<50xf64>
    %66 = stablehlo.broadcast_in_dim %65, dims = [0] : (tensor<50xf64>) -> tensor<50x4xf64>
    %67 = stablehlo.multiply %66, %48 : tensor<50x4xf64>
    %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %68 = stablehlo.reduce(%67 init: %cst_20) applies stablehlo.add across dimensions = [0] : (tensor<50x4xf64>, tensor<f64>) -> tensor<4xf64>
    %69 = stablehlo.reshape %68 : (tensor<4xf64>) -> tensor<1x4xf64>
    %cst_21 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %70 = stablehlo.reduce(%69 init: %cst_21) applies stablehlo.add across dimensions = [0] : (tensor<1x4xf64>, tensor<f64>) -> tensor<4xf64>
    %71 = call @log_softmax_0(%20#1, %20#2, %70) : (tensor<4xf64>, tensor<1xf64>, tensor<4xf64>) -> tensor<4xf64>
    %72 = stablehlo.negate %67 : tensor<50x4xf64>
    %cst_22 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %73 = stablehlo.reduce(%72 init: %cst_22) applies stablehlo.add across dimensions = [0] : (tensor<50x4xf64>, tensor<f64>) -> tensor<4xf64>
    %74 = stablehlo.reshape %73 : (tensor<4xf64>) -> tensor<1x4xf64>
    %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %75 = stablehlo.reduce(%74 init: %cst_23) applies stablehlo.add across dimensions = [0] : (tensor<1x4xf64>, tensor<f64>) -> tensor<4xf64>
    %76 = stablehlo.broadcast_in_dim %75, dims = [0] : (tensor<4xf64>) -> tensor<4x3xf64>
    %cst_24 = stablehlo.constant dense<-5.000000e-01> : tensor<f64>
    %77 = stablehlo.broadcast_in_dim %cst_24, dims = [] : (tensor<f64>) -> tensor<50x4xf64>
    %78 = stablehlo.multiply %77, %67 : tensor<50x4xf64>
    %79 = stablehlo.broadcast_in_dim %78, dims = [0, 1] : (tensor<50x4xf64>) -> tensor<50x4x3xf64>
    %80 = stablehlo.multiply %9, %79 : tensor<50x4x3xf64>
    %81 = stablehlo.multiply %79, %9 : tensor<50x4x3xf64>
    %82 = stablehlo.add %81, %80 : tensor<50x4x3xf64>
    %83 = stablehlo.multiply %4, %82 : tensor<50x4x3xf64>
    %cst_25 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %84 = stablehlo.reduce(%83 init: %cst_25) applies stablehlo.add across dimensions = [0] : (tensor<50x4x3xf64>, tensor<f64>) -> tensor<4x3xf64>
    %85 = stablehlo.reshape %84 : (tensor<4x3xf64>) -> tensor<1x4x3xf64>
    %86 = stablehlo.broadcast_in_dim %7, dims = [0, 1, 2] : (tensor<1x4x3xf64>) -> tensor<50x4x3xf64>
    %87 = stablehlo.multiply %82, %86 : tensor<50x4x3xf64>
    %cst_26 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %88 = stablehlo.reduce(%85 init: %cst_26) applies stablehlo.add across dimensions = [0] : (tensor<1x4x3xf64>, tensor<f64>) -> tensor<4x3xf64>
    %89 = stablehlo.multiply %88, %6 : tensor<4x3xf64>
    %90 = stablehlo.negate %89 : tensor<4x3xf64>
    %91 = stablehlo.add %76, %90 : tensor<4x3xf64>
    %cst_27 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %92 = stablehlo.reduce(%87 init: %cst_27) applies stablehlo.add across dimensions = [0] : (tensor<50x4x3xf64>, tensor<f64>) -> tensor<4x3xf64>
    %93 = stablehlo.reshape %92 : (tensor<4x3xf64>) -> tensor<1x4x3xf64>
    %94 = stablehlo.negate %93 : tensor<1x4x3xf64>
    %cst_28 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %95 = stablehlo.reduce(%94 init: %cst_28) applies stablehlo.add across dimensions = [0] : (tensor<1x4x3xf64>, tensor<f64>) -> tensor<4x3xf64>
    return %57, %71, %95, %91 : tensor<f64>, tensor<4xf64>, tensor<4x3xf64>, tensor<4x3xf64>
  }
  func.func private @log_softmax(%arg0: tensor<4xf64>) -> (tensor<4xf64>, tensor<4xf64>, tensor<1xf64>) {
    %cst = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %0 = stablehlo.reduce(%arg0 init: %cst) applies stablehlo.maximum across dimensions = [0] : (tensor<4xf64>, tensor<f64>) -> tensor<f64>
    %cst_0 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
    %1 = stablehlo.maximum %cst_0, %0 : tensor<f64>
    %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f64>) -> tensor<1xf64>
    %3 = stablehlo.broadcast_in_dim %2, dims = [0] : (tensor<1xf64>) -> tensor<4xf64>
    %4 = stablehlo.subtract %arg0, %3 : tensor<4xf64>
    %5 = stablehlo.exponential %4 : tensor<4xf64>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %6 = stablehlo.reduce(%5 init: %cst_1) applies stablehlo.add across dimensions = [0] : (tensor<4xf64>, tensor<f64>) -> tensor<f64>
    %7 = stablehlo.broadcast_in_dim %6, dims = [] : (tensor<f64>) -> tensor<1xf64>
    %8 = stablehlo.log %7 : tensor<1xf64>
    %9 = stablehlo.broadcast_in_dim %8, dims = [0] : (tensor<1xf64>) -> tensor<4xf64>
    %10 = stablehlo.subtract %4, %9 : tensor<4xf64>
    return %10, %5, %7 : tensor<4xf64>, tensor<4xf64>, tensor<1xf64>
  }
  func.func private @log_softmax_0(%arg0: tensor<4xf64>, %arg1: tensor<1xf64>, %arg2: tensor<4xf64>) -> tensor<4xf64> {
    %0 = stablehlo.negate %arg2 : tensor<4xf64>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %1 = stablehlo.reduce(%0 init: %cst) applies stablehlo.add across dimensions = [0] : (tensor<4xf64>, tensor<f64>) -> tensor<f64>
    %2 = stablehlo.reshape %1 : (tensor<f64>) -> tensor<1xf64>
    %3 = stablehlo.divide %2, %arg1 : tensor<1xf64>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %4 = stablehlo.reduce(%3 init: %cst_0) applies stablehlo.add across dimensions = [0] : (tensor<1xf64>, tensor<f64>) -> tensor<f64>
    %5 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<f64>) -> tensor<4xf64>
    %6 = stablehlo.multiply %5, %arg0 : tensor<4xf64>
    %7 = stablehlo.add %arg2, %6 : tensor<4xf64>
    return %7 : tensor<4xf64>
  }
}
